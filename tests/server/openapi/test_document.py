import dataclasses
import json

from background_remover.imaging.output_options import OutputOptions
from background_remover.options import Options
from background_remover.server.application import APIS
from background_remover.server.errors import STATUSES
from background_remover.server.openapi.document import document
from background_remover.server.rembg.parameters import FIELDS as REMBG_FIELDS
from background_remover.server.removebg.parameters import FIELDS
from background_remover.server.video.parameters import OWN
from background_remover.video.settings import OF_ITS_BOX, OF_ONE_PICTURE

DOCUMENT = document(APIS)
OF_VIDEOS = ("not_done", "no_part", "too_long", "no_space")


def test_every_option_is_in_the_document():
    operation = DOCUMENT["paths"]["/remove"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    names = {field.name for kind in (Options, OutputOptions) for field in dataclasses.fields(kind)}
    assert set(form) == names | {"image"}
    assert {parameter["name"] for parameter in operation["parameters"]} == names - {"mask"}


def test_every_code_stands_at_its_status():
    responses = DOCUMENT["paths"]["/remove"]["post"]["responses"]
    for code, (status, text) in STATUSES.items():
        if code not in ("not_found", "method_not_allowed", "no_download", *OF_VIDEOS):
            assert f"`{code}`: {text}" in responses[str(status)]["description"]


def test_every_field_of_the_contract_is_in_it():
    content = DOCUMENT["paths"]["/v1.0/removebg"]["post"]["requestBody"]["content"]
    assert set(content["multipart/form-data"]["schema"]["properties"]) == set(FIELDS)
    assert {"400", "403", "429"} <= set(DOCUMENT["paths"]["/v1.0/removebg"]["post"]["responses"])


def test_every_field_of_rembgs_is_in_it():
    operations = DOCUMENT["paths"]["/api/remove"]
    form = operations["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert set(form) == {*REMBG_FIELDS, "file"}
    assert {parameter["name"] for parameter in operations["get"]["parameters"]} == {*REMBG_FIELDS, "url"}


def test_every_choice_for_videos_is_in_it_and_none_that_is_of_a_single_picture():
    operation = DOCUMENT["paths"]["/video"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    names = {field.name for field in dataclasses.fields(Options)} - {*OF_ONE_PICTURE, *OF_ITS_BOX}
    assert set(form) == names | {*OWN, "video"}
    assert {"404", "409"} <= set(DOCUMENT["paths"]["/video/{id}/file"]["get"]["responses"])


def test_it_is_json_and_its_references_lead_somewhere():
    text = json.dumps(DOCUMENT)
    schemas = DOCUMENT["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas
