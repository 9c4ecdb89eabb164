"""What AWS Lambda calls."""

from importlib.metadata import version

from my_lambda_app.greeting import greet


def lambda_handler(event, context):
    return {
        "message": greet(event.get("name", "world"), event.get("language", "en")),
        "version": version("my-lambda-app"),
    }
