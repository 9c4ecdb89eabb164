// the commands alone: the rest of the SDK stays out of the bundle
export {
  GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand, ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
