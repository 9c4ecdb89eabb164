"""Greetings in the languages of greetings.json."""

import json
from importlib.resources import files

GREETINGS = json.loads(files("my_lambda_app").joinpath("greetings.json").read_text("utf-8"))


def greet(name: str, language: str) -> str:
    return f"{GREETINGS[language]}, {name}!"
