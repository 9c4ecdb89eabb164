/** A Python function whose code is an immutable, versioned artifact in a bucket, with its dependencies in a layer. */
import { App } from 'aws-cdk-lib';
import { GreetingsStack } from '../lib/greetings-stack';

const app = new App();
new GreetingsStack(app, 'Greetings');
app.synth();
