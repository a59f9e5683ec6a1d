/** Facts about services, actions and resources: AWS's service authorization reference as values. */
export { actionFacts, actionsMatching, isWildcardOnly } from './action.ts';
export { matchesResourceType, resourceTypeOf } from './resource-type.ts';
export { actionsOf, serviceName, servicesKnown } from './service.ts';
