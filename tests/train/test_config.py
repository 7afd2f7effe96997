import json
from dataclasses import replace

import pytest
import torch

from background_remover.errors import OptionError
from background_remover.train.checkpoint import MODULES
from background_remover.train.config import RECIPES, Augmentation, Recipe, Stage, recipe

OTHER = Recipe(
    "other",
    "unet",
    samples=1000,
    stages=(Stage(32, 0.25, 7), Stage(64, 0.5, 5), Stage(128, 0.25, 3)),
    seed=11,
    augmentation=Augmentation(area=(0.125, 0.5), rotation=90.0),
)


def by_torch(values, path):
    torch.save(values, path)
    return torch.load(path, weights_only=True)


def by_json(values, path):
    path.write_text(json.dumps(values), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("written", [OTHER, *RECIPES.values()], ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("travel", [by_torch, by_json])
def test_a_recipe_comes_back_from_a_file(tmp_path, written, travel):
    assert Recipe.from_dict(travel(written.to_dict(), tmp_path / "recipe")) == written


def test_a_recipe_from_before_there_were_clicks_has_none():
    values = OTHER.to_dict()
    del values["clicks"]
    assert Recipe.from_dict(values) == OTHER


def test_a_field_this_version_does_not_know_is_refused():
    with pytest.raises(OptionError, match="a recipe has no momentum, nesterov"):
        Recipe.from_dict(OTHER.to_dict() | {"nesterov": True, "momentum": 0.9})


@pytest.mark.parametrize(
    ("sample", "size"),
    [(0, 32), (249, 32), (250, 64), (749, 64), (750, 128), (999, 128), (1000, 128), (5000, 128)],
)
def test_a_stage_ends_where_its_share_of_the_samples_does(sample, size):
    assert OTHER.stage_at(sample / 1000).size == size


def test_shares_that_rounding_leaves_short_of_one_still_cover_every_sample():
    thirds = replace(OTHER, samples=10, stages=(Stage(32, 0.3333, 1), Stage(64, 0.3333, 1), Stage(96, 0.3333, 1)))
    assert [thirds.stage_at(sample / 10).size for sample in range(10)] == [32] * 4 + [64] * 3 + [96] * 3


@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_is_whole(name):
    known = recipe(name)
    assert known.name == name
    assert known.module in MODULES
    assert sum(stage.share for stage in known.stages) == pytest.approx(1)
    assert all(stage.size % 32 == 0 for stage in known.stages)


def test_an_unknown_recipe_names_the_known_ones():
    with pytest.raises(OptionError, match=f"unknown recipe 'unets'; known: {', '.join(RECIPES)}"):
        recipe("unets")
