using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.S3;
using CdkPipSourceArtifact;
using Constructs;

namespace Greetings;

public class GreetingsStack : Stack
{
    public PipSourceArtifact Source { get; }

    public GreetingsStack(Construct scope, string id) : base(scope, id)
    {
        const string entry = "../demo/my-lambda-project"; // relative to cdk.json
        var runtime = Runtime.PYTHON_3_13;
        var architecture = Architecture.X86_64;

        var dependencies = new PipDependencyLayer(this, "Dependencies", new PipDependencyLayerProps
        {
            Entry = entry,
            Runtime = runtime,
            Architecture = architecture,
        });
        Source = new PipSourceArtifact(this, "Source", new PipSourceArtifactProps
        {
            Entry = entry,
            Bucket = new Bucket(this, "Artifacts"),
            Layers = new ILayerVersion[] { dependencies },
            Metadata = new Dictionary<string, string> { ["team"] = "greeters" },
        });
        new Function(this, "Greeter", new FunctionProps
        {
            Runtime = runtime,
            Architecture = architecture,
            Handler = Source.Handler,
            Code = Source.Code,
            Layers = Source.Layers,
        });
    }
}
