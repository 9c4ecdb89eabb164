"""What AWS Lambda calls."""

from importlib.metadata import version

import numpy

from my_lambda_app.greeting import greet


def lambda_handler(event, context):
    return {
        "message": greet(event.get("name", "world"), event.get("language", "en")),
        "median": float(numpy.median(event.get("numbers", [0]))),
        "version": version("my-lambda-app"),
    }
