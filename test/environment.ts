// aws-cdk-lib records a stack trace of every construct for its reports. Through jest's source maps that is slow, and no test reads one.
process.env.CDK_DISABLE_STACK_TRACE ??= '1';
process.env.CDK_CONTEXT_JSON ??= JSON.stringify({ 'aws:cdk:disable-creation-stack-traces': true });
