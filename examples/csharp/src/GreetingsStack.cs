using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using CdkPipSourceArtifact;
using Constructs;

namespace Greetings;

public class GreetingsStack : Stack
{
    public PipFunction Greeter { get; }

    public GreetingsStack(Construct scope, string id) : base(scope, id)
    {
        Greeter = new PipFunction(this, "Greeter", new PipFunctionProps
        {
            Entry = "../demo/my-lambda-project", // relative to cdk.json
            Runtime = Runtime.PYTHON_3_13,
            Architecture = Architecture.X86_64,
            MemorySize = 512,
        });
    }
}
