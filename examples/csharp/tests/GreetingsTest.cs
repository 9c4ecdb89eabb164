using System;
using System.Collections.Generic;
using System.IO;
using Amazon.CDK;
using Amazon.CDK.Assertions;
using Greetings;
using Xunit;

public class GreetingsTest
{
    // dotnet runs tests in the folder of their binaries; the stack's paths are relative to cdk.json
    static GreetingsTest() => Directory.SetCurrentDirectory(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    [Fact]
    public void TheFunctionRunsThePublishedVersion()
    {
        var stack = new GreetingsStack(new App(), "Greetings");
        Template.FromStack(stack).HasResourceProperties("AWS::Lambda::Function", new Dictionary<string, object>
        {
            ["Handler"] = "my_lambda_app.lambda_function.lambda_handler",
            ["Code"] = new Dictionary<string, object> { ["S3Key"] = "lambda/source/0.1.1/source.zip" },
        });
        Assert.Equal("0.1.1", stack.Greeter.Source.Version);
    }
}
