import type { Fact } from '../fact';
import { deletionDuringStream, deletionOrderThroughKeptResource, foreignTagsAreKept, metadataReferenceOrders } from '../probes/cloudformation';

const section = 'CloudFormation and Lambda';

export const CLOUDFORMATION_FACTS: readonly Fact[] = [
  {
    id: 'F-10',
    section,
    statement: 'A reference in the `Metadata` of a resource is a dependency for CloudFormation. Published reports say so',
    question: 'Does CloudFormation create a resource after the resource that its `Metadata` refers to?',
    assumption: 'Yes. The second resource starts after the first one is complete.',
    behavior: 'Only `maxConcurrency` with conditional resources depends on it',
    run: 'standard',
    minutes: 5,
    probe: metadataReferenceOrders,
  },
  {
    id: 'F-11',
    section,
    statement: 'If A depends on B and B depends on C, CloudFormation deletes A before C even if B stays in the stack',
    question: 'In which order does CloudFormation delete A and C if B, which is between them, stays?',
    assumption: 'The deletion of C starts after the deletion of A is complete.',
    behavior: 'Only `maxConcurrency` depends on it. Otherwise, more functions than the limit can run at the same time',
    run: 'standard',
    minutes: 5,
    probe: deletionOrderThroughKeptResource,
  },
  {
    id: 'F-12',
    section,
    statement: 'All behavior in express mode, for example whether CloudFormation waits for the response of a custom resource',
    question: 'Does CloudFormation wait for the response of a custom resource in express mode?',
    assumption: 'None. The documentation recommends the standard mode.',
    behavior: 'None. Use the standard mode for production. See [Express mode](provider.md#express-mode)',
    whyNoProbe: 'AWS documents too little of the express mode to state an expected result. A probe could only describe one deployment.',
  },
  {
    id: 'F-13',
    section,
    statement: 'CloudFormation can\'t delete a `CfnIngestConfiguration` during a live stream',
    question: 'Does the deletion of the resource fail, or does it end the stream?',
    assumption: 'The deletion fails, because the service requires `force` for it. The migration stops the encoder before this step.',
    behavior: 'None. Only one step of a [migration](ingest-configuration.md#migration) depends on it',
    run: 'standard',
    minutes: 10,
    needs: 'FFmpeg',
    probe: deletionDuringStream,
  },
  {
    id: 'F-14',
    section,
    statement: 'CloudFormation keeps tags that its template doesn\'t contain, for example the owner tag of a streaming configuration on a voice connector',
    question: 'Is an owner tag still on a signaling channel and a voice connector after CloudFormation changed their tags?',
    assumption: 'Yes. CloudFormation changes only the tags of its template.',
    behavior: 'If the tag is missing, the next update writes it again. See [Known gaps](reliability.md#known-gaps)',
    voiceConnectors: 1,
    run: 'standard',
    minutes: 5,
    probe: foreignTagsAreKept,
  },
];
