import { Lazy, type IResolveContext } from 'aws-cdk-lib';
import { Dependable, type Construct, type IConstruct } from 'constructs';
import { topStackOf } from '../app-state';

/** A key for those that have to wait for the publication: its attribute, and the literal key in other stacks. */
export function orderedKey(publication: IConstruct, attribute: string, key: string): string {
  return Lazy.uncachedString({
    produce: (context) => isReachable(publication, context) ? attribute : literalKey(publication, key, context),
  });
}

/** Whether what asks is deployed with the publication: in the same stack, or one is nested in the other. */
function isReachable(publication: IConstruct, { scope }: IResolveContext): boolean {
  return topStackOf(publication) === topStackOf(scope);
}

/**
 * The key as another stack has it. An attribute would be exported, under a name that changes with the content: CloudFormation refuses to
 * remove an export that is in use, so that no second version could be deployed.
 */
function literalKey(publication: IConstruct, key: string, { scope, preparing }: IResolveContext): string {
  if (preparing) topStackOf(scope).addDependency(topStackOf(publication), 'the artifact is published first');
  return key;
}

/** A dependency that is looked for when the app is synthesized. */
export function lazyDependency(find: () => Construct | undefined): Construct {
  const dependency = {};
  Dependable.implement(dependency, {
    get dependencyRoots() {
      const found = find();
      return found ? [found] : [];
    },
  });
  return dependency as Construct;
}
