import dataclasses
import json
from html.parser import HTMLParser

from background_remover.options import Options
from background_remover.saving import Saving
from background_remover.server.manual import document, page
from background_remover.server.refusal import STATUSES
from background_remover.server.removebg import FIELDS


def test_every_option_is_in_the_document():
    operation = document()["paths"]["/remove"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    names = {field.name for kind in (Options, Saving) for field in dataclasses.fields(kind)}
    assert set(form) == names | {"image"}
    assert {parameter["name"] for parameter in operation["parameters"]} == names - {"mask"}


def test_every_code_stands_at_its_status():
    responses = document()["paths"]["/remove"]["post"]["responses"]
    for code, (status, text) in STATUSES.items():
        if code not in ("not_found", "method_not_allowed", "no_download"):
            assert f"`{code}`: {text}" in responses[str(status)]["description"]


def test_every_field_of_the_contract_is_in_it():
    content = document()["paths"]["/v1.0/removebg"]["post"]["requestBody"]["content"]
    assert set(content["multipart/form-data"]["schema"]["properties"]) == set(FIELDS)
    assert {"400", "403", "429"} <= set(document()["paths"]["/v1.0/removebg"]["post"]["responses"])


def test_it_is_json_and_its_references_lead_somewhere():
    text = json.dumps(document())
    schemas = document()["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas


def test_the_page_asks_no_other_host_and_has_no_scripts():
    tags: list[tuple[str, dict]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            tags.append((tag, dict(attributes)))

    text = page(document())
    Reader().feed(text)
    assert {tag for tag, _ in tags} >= {"h1", "table", "link"}
    assert not any(tag in ("script", "style", "img", "iframe") for tag, _ in tags)
    links = [told.get("href") or told.get("src") for _, told in tags if "href" in told or "src" in told]
    assert all(link.startswith("/") for link in links)
    assert not any("style" in told or any(name.startswith("on") for name in told) for _, told in tags)
    assert "background_fit" in text
