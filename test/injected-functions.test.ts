import * as fs from 'node:fs';
import { App, Aspects, type IAspect, type InjectionContext, type IPropertyInjector, PropertyInjectors, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as stepfunctions from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { ChimeMeetingPool, IngestConfiguration, RtcDriftMonitor, RtcProvider, SignalingChannel } from '../src';

const RECOMMENDED = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

/** Puts the same properties on every construct of a class. */
class Injector implements IPropertyInjector {
  constructor(readonly constructUniqueId: string, private readonly properties: object) {}

  inject(props: object, _context: InjectionContext): any {
    return { ...props, ...this.properties };
  }
}

/** Changes every function of the template. */
class FunctionAspect implements IAspect {
  constructor(private readonly change: (resource: lambda.CfnFunction) => void) {}

  visit(node: IConstruct): void {
    if (lambda.CfnFunction.isCfnFunction(node)) this.change(node);
  }
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const listed = <T>(value: T | T[]): T[] => Array.isArray(value) ? value : [value];

/** All kinds of functions that the library creates: handlers, framework, a pool's own, and the drift monitor. */
function everything(stack: Stack): void {
  new SignalingChannel(stack, 'Channel');
  new ChimeMeetingPool(stack, 'Pool', { size: 1 });
  new RtcDriftMonitor(stack, 'Monitor');
}

const FUNCTIONS = 8;

/** Of each function of the library: its properties, and what its role may do by its inline policy. */
function functionsOf(configure: (stack: Stack) => void, context: Record<string, unknown> = {}) {
  const stack = new Stack(new App({ context }), 'Stack');
  configure(stack);
  everything(stack);
  const { Resources } = Template.fromStack(stack).toJSON();
  const functions = Object.entries<any>(Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function').map(([id, { Properties, DependsOn }]) => {
    const role = Resources[Properties.Role['Fn::GetAtt'][0]];
    const statements: Statement[] = role.Properties.Policies[0].PolicyDocument.Statement;
    return { id, properties: Properties, dependsOn: DependsOn as string[], role: role.Properties, statements };
  });
  expect(functions).toHaveLength(FUNCTIONS);
  return functions;
}

function actionsOn(statements: Statement[], matches: (resource: string) => boolean): string[] {
  const isMatched = ({ Resource }: any) => listed(Resource).some((resource) => matches(JSON.stringify(resource)));
  return statements.filter(isMatched).flatMap(({ Action }) => Action).sort();
}

const inject = (properties: (stack: Stack) => object) => (stack: Stack) =>
  PropertyInjectors.of(stack).add(new Injector(lambda.Function.PROPERTY_INJECTION_ID, properties(stack)));
const aspect = (change: (stack: Stack) => (resource: lambda.CfnFunction) => void) => (stack: Stack) => {
  Aspects.of(stack).add(new FunctionAspect(change(stack)));
};
const isFunction = ({ node }: IConstruct): boolean => node.defaultChild !== undefined && lambda.CfnFunction.isCfnFunction(node.defaultChild);
const newVpc = (stack: Stack) => new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false });
const queueArn = '"Fn::GetAtt":["Queue';

describe.each([['no', {}], ['all recommended', RECOMMENDED]])('with %s feature flags the permissions follow', (_flags, context) => {
  test.each([
    ['an injector', inject((stack) => ({ vpc: newVpc(stack) }))],
    ['an aspect', aspect((stack) => {
      const { privateSubnets } = newVpc(stack);
      return (resource) => { resource.vpcConfig = { subnetIds: privateSubnets.map(({ subnetId }) => subnetId), securityGroupIds: ['sg-0123456789abcdef0'] }; };
    })],
    ['an override', aspect(() => (resource) => resource.addPropertyOverride('VpcConfig.SubnetIds', ['subnet-0123456789abcdef0']))],
  ])('a VPC that %s sets', (_, configure) => {
    for (const { properties, statements } of functionsOf(configure, context)) {
      expect(properties.VpcConfig.SubnetIds.length).toBeGreaterThan(0);
      expect(statements.flatMap(({ Action }) => Action)).toContain('ec2:CreateNetworkInterface');
    }
  });

  test.each([
    ['an injector', inject((stack) => ({ deadLetterQueue: new sqs.Queue(stack, 'Queue') }))],
    ['an aspect', aspect((stack) => {
      const queue = new sqs.Queue(stack, 'Queue');
      return (resource) => { resource.deadLetterConfig = { targetArn: queue.queueArn }; };
    })],
  ])('a dead-letter queue that %s sets', (_, configure) => {
    for (const { properties, statements } of functionsOf(configure, context)) {
      expect(JSON.stringify(properties.DeadLetterConfig)).toContain(queueArn);
      expect(actionsOn(statements, (resource) => resource.includes(queueArn))).toEqual(['sqs:SendMessage']);
    }
  });

  test('a dead-letter queue of each function', () => {
    for (const { properties, statements } of functionsOf(inject(() => ({ deadLetterQueueEnabled: true })), context)) {
      const arn = JSON.stringify(properties.DeadLetterConfig.TargetArn);
      expect(actionsOn(statements, (resource) => resource === arn)).toEqual(['sqs:SendMessage']);
    }
  });

  test('a dead-letter topic, an imported one, and one with a key', () => {
    const topics = [
      (stack: Stack) => new sns.Topic(stack, 'Topic').topicArn,
      () => 'arn:aws:sns:us-east-1:123456789012:failed',
      (stack: Stack) => new sns.Topic(stack, 'Topic', { masterKey: new kms.Key(stack, 'Key') }).topicArn,
    ];
    const [plain, imported, encrypted] = topics.map((arnIn) => functionsOf(aspect((stack) => {
      const targetArn = arnIn(stack);
      return (resource) => { resource.deadLetterConfig = { targetArn }; };
    }), context));
    for (const { statements } of [...plain, ...imported, ...encrypted]) expect(statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith('sns:'))).toEqual(['sns:Publish']);
    for (const { statements } of [...plain, ...imported]) expect(statements.flatMap(({ Action }) => Action)).not.toContain('kms:GenerateDataKey');
    for (const { statements } of encrypted) expect(statements.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']));
  });

  test.each([
    ['an injector', inject(() => ({ tracing: lambda.Tracing.ACTIVE }))],
    ['an aspect', aspect(() => (resource) => { resource.tracingConfig = { mode: 'Active' }; })],
  ])('tracing that %s turns on', (_, configure) => {
    for (const { properties, statements } of functionsOf(configure, context)) {
      expect(properties.TracingConfig).toEqual({ Mode: 'Active' });
      expect(statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith('xray:')).sort()).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
    }
  });

  test('Lambda Insights that an injector turns on: its managed policy', () => {
    for (const { properties, role } of functionsOf(inject(() => ({ insightsVersion: lambda.LambdaInsightsVersion.VERSION_1_0_333_0 })), context)) {
      expect(properties.Layers).toHaveLength(1);
      expect(JSON.stringify(role.ManagedPolicyArns)).toContain('CloudWatchLambdaInsightsExecutionRolePolicy');
    }
  });

  test('Lambda Insights that an aspect adds as a layer: its log group', () => {
    const layer = 'arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:64';
    for (const { statements } of functionsOf(aspect(() => (resource) => { resource.layers = [layer]; }), context)) {
      expect(actionsOn(statements, (resource) => resource.includes(':log-group:/aws/lambda-insights:*'))).toEqual(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']);
    }
  });

  test('a key for the environment that an aspect sets', () => {
    for (const { statements } of functionsOf(aspect(() => (resource) => { resource.kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/k'; }), context)) {
      expect(actionsOn(statements, (resource) => resource.includes('key/k'))).toEqual(['kms:Decrypt']);
    }
  });

  test('a log group that an injector sets', () => {
    for (const { statements } of functionsOf(inject((stack) => ({ logGroup: new logs.LogGroup(stack, 'Company') })), context)) {
      expect(actionsOn(statements, (resource) => resource.includes('"Company'))).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
    }
  });

  test('statements that an injector gives to every function, and that an aspect adds to every function', () => {
    const statement = () => new iam.PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: ['arn:aws:secretsmanager:us-east-1:123456789012:secret:vendor'] });
    const visit = (node: IConstruct) => {
      if (isFunction(node)) (node as lambda.Function).addToRolePolicy(statement());
    };
    for (const configure of [inject(() => ({ initialPolicy: [statement()] })), (stack: Stack) => Aspects.of(stack).add({ visit })]) {
      for (const { statements } of functionsOf(configure, context)) {
        expect(actionsOn(statements, (resource) => resource.includes('secret:vendor'))).toEqual(['secretsmanager:GetSecretValue']);
      }
    }
  });

  test('a managed policy that an aspect adds to the role of every function', () => {
    const policy = iam.ManagedPolicy.fromAwsManagedPolicyName('CloudWatchLambdaInsightsExecutionRolePolicy');
    const visit = (node: IConstruct) => {
      if (isFunction(node)) (node as lambda.Function).role!.addManagedPolicy(policy);
    };
    for (const { role } of functionsOf((stack) => Aspects.of(stack).add({ visit }), context)) expect(role.ManagedPolicyArns).toHaveLength(1);
  });

  test('nothing is added for what configure sets itself', () => {
    const options = (stack: Stack) => ({ vpc: newVpc(stack), tracing: lambda.Tracing.ACTIVE, encryptionKey: new kms.Key(stack, 'Key') });
    for (const { statements } of functionsOf((stack) => RtcProvider.configure(stack, options(stack)), context)) {
      const actions = statements.flatMap(({ Action }) => Action);
      for (const action of ['ec2:CreateNetworkInterface', 'xray:PutTraceSegments', 'kms:Decrypt', 'logs:PutLogEvents']) {
        expect(actions.filter((other) => other === action)).toEqual([action]);
      }
    }
  });
});

test('a grant of the app to a function of a pool is kept', () => {
  const stack = new Stack(new App(), 'Stack');
  const pool = new ChimeMeetingPool(stack, 'Pool', { size: 1 });
  new sqs.Queue(stack, 'Queue').grantSendMessages(pool.checkoutFunction);
  const [role] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('PoolCheckoutRole')).map(([, resource]) => resource);
  expect(actionsOn(role.Properties.Policies[0].PolicyDocument.Statement, (resource) => resource.includes(queueArn))).toContain('sqs:SendMessage');
});

test.each([
  ['tracing', (resource: stepfunctions.CfnStateMachine) => { resource.tracingConfiguration = { enabled: true }; }, 'xray:PutTraceSegments'],
  ['logging', (resource: stepfunctions.CfnStateMachine) => { resource.loggingConfiguration = { level: 'ALL' }; }, 'logs:CreateLogDelivery'],
])('the state machine gets the rights for %s that an aspect turns on', (_, change, action) => {
  const stack = new Stack(new App(), 'Stack');
  new SignalingChannel(stack, 'Channel');
  Aspects.of(stack).add({ visit: (node) => { if (stepfunctions.CfnStateMachine.isCfnStateMachine(node)) change(node); } });
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
  const [waiter] = Object.entries(policies).filter(([id]) => id.includes('waiterstatemachineRole')).map(([, resource]) => resource);
  expect(JSON.stringify(waiter)).toContain(action);
});

test('the report of Role.customizeRoles has the rights, too', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  iam.Role.customizeRoles(stack);
  Aspects.of(stack).add(new FunctionAspect((resource) => { resource.vpcConfig = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] }; }));
  inject(() => ({ deadLetterQueue: new sqs.Queue(stack, 'Queue') }))(stack);
  everything(stack);
  const { directory } = app.synth();
  const { roles } = JSON.parse(fs.readFileSync(`${directory}/iam-policy-report.json`, 'utf8'));
  const isOfFunction = ({ assumeRolePolicy }: { assumeRolePolicy: object[] }) => JSON.stringify(assumeRolePolicy).includes('lambda.amazonaws.com');
  const ours = roles.filter(isOfFunction);
  // Two handlers share a role, and so do two functions of the framework.
  expect(ours).toHaveLength(FUNCTIONS - 2);
  for (const { identityPolicyStatements } of ours) {
    const actions = identityPolicyStatements.flatMap(({ Action }: Statement) => Action);
    expect(actions).toEqual(expect.arrayContaining(['ec2:CreateNetworkInterface', 'sqs:SendMessage']));
  }
});

describe('keys of what the handlers use', () => {
  test('an injector that encrypts every secret: the handlers may use its key', () => {
    const stack = new Stack(new App(), 'Stack');
    PropertyInjectors.of(stack).add(new Injector(secretsmanager.Secret.PROPERTY_INJECTION_ID, { encryptionKey: new kms.Key(stack, 'Key') }));
    new IngestConfiguration(stack, 'Ingest');
    const policies = Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policies.filter((id) => id.startsWith('CdkRtcIngestConfigurationEncryptionPolicy'))).toHaveLength(1);
  });

  test('an injector that encrypts every table: the functions may use its key', () => {
    const stack = new Stack(new App(), 'Stack');
    PropertyInjectors.of(stack).add(new Injector(dynamodb.Table.PROPERTY_INJECTION_ID, { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: new kms.Key(stack, 'Key') }));
    new ChimeMeetingPool(stack, 'Pool', { size: 1 });
    const [checkout] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('PoolCheckoutRole')).map(([, resource]) => resource);
    expect(actionsOn(checkout.Properties.Policies[0].PolicyDocument.Statement, (resource) => resource.includes('"Key'))).toContain('kms:Decrypt');
  });

  test('an aspect that encrypts a secret or a table comes too late, and synthesis names the property', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new IngestConfiguration(stack, 'Ingest');
    new ChimeMeetingPool(stack, 'Pool', { size: 1 });
    Aspects.of(stack).add({
      visit: (node) => {
        if (secretsmanager.CfnSecret.isCfnSecret(node)) node.kmsKeyId = 'alias/company';
        if (dynamodb.CfnTable.isCfnTable(node)) node.sseSpecification = { sseEnabled: true, sseType: 'KMS', kmsMasterKeyId: 'alias/company' };
      },
    });
    expect(() => app.synth()).toThrow(/streamKeySecretEncryptionKey: an aspect has given the secret a key.*encryptionKey: an aspect has given the table a key/s);
  });
});
