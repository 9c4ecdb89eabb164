// A Python function whose code is an immutable, versioned artifact in a bucket, with its dependencies in a layer.
using Amazon.CDK;
using Greetings;

var app = new App();
new GreetingsStack(app, "Greetings");
app.Synth();
