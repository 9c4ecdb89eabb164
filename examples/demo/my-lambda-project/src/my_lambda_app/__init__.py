"""A Lambda function that greets in several languages."""
