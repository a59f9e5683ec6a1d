import { allow, type Statement } from './managed-policy.ts';

/** What SecurityAudit grants on everything, by category of service: how things are configured. */
export const SECURITY_AUDIT: readonly Statement[] = [
  allow('Analytics', {
    athena: 'GetWorkGroup List*',
    cleanrooms: `Batch* GetAnalysisTemplate GetCollaboration GetCollaborationAnalysisTemplate
      GetCollaborationConfiguredAudienceModelAssociation GetCollaborationIdNamespaceAssociation
      GetCollaborationPrivacyBudgetTemplate GetConfigured* GetId* GetMembership GetPrivacyBudgetTemplate
      GetProtectedQuery GetSchema* ListAnalysisTemplates ListCollaborationAnalysisTemplates
      ListCollaborationConfiguredAudienceModelAssociations ListCollaborationIdNamespaceAssociations
      ListCollaborationPrivacy* ListCollaborations ListConfigured* ListId* ListMembers* ListMemberships ListPrivacy*
      ListProtectedQueries ListSchemas ListTagsForResource PreviewPrivacyImpact`,
    cloudsearch: 'DescribeDomain* DescribeDomains DescribeServiceAccessPolicies',
    databrew: 'DescribeDataset DescribeProject ListJobs ListProjects',
    dataexchange: 'ListDataSets',
    datapipeline: `Describe* EvaluateExpression GetPipelineDefinition ListPipelines QueryObjects
      ValidatePipelineDefinition`,
    dax: 'Describe* ListTags',
    elasticmapreduce: `Describe* GetAutoTerminationPolicy GetBlockPublicAccessConfiguration
      GetManagedScalingPolicy ListClusters ListInstances ListSecurityConfigurations`,
    'emr-serverless': 'GetApplication ListApplications ListJobRuns',
    entityresolution: 'GetIdNamespace',
    es: `Describe* GetCompatibleVersions ListDomainNames ListElasticsearchInstanceTypeDetails
      ListElasticsearchVersions ListTags`,
    finspace: 'ListEnvironments ListKxEnvironments',
    firehose: 'DescribeDeliveryStream List*',
    glue: `GetCrawlers GetDataCatalogEncryptionSettings GetDatabases GetDevEndpoints GetJobBookmark GetJobs
      GetResourcePolicy GetSecurity* GetTags`,
    kafka: 'Describe* GetBootstrapBrokers GetCompatibleKafkaVersions List*',
    'kafka-cluster': 'Describe*',
    kafkaconnect: 'Describe* List*',
    kinesis: 'DescribeLimits DescribeStream* ListShards ListStream* ListStreams ListTagsForStream',
    kinesisanalytics: 'ListApplications ListTagsForResource',
    kinesisvideo: `DescribeEdgeConfiguration DescribeMappedResourceConfiguration
      DescribeMediaStorageConfiguration DescribeNotificationConfiguration DescribeSignalingChannel DescribeStream
      ListSignalingChannels ListStreams ListTags*`,
    quicksight: 'Describe* List*',
    redshift: 'Describe*',
    'redshift-serverless': 'GetNamespace ListTagsForResource ListWorkgroups',
    sdb: 'DomainMetadata ListDomains',
  }),
  allow('ApplicationIntegration', {
    airflow: 'GetEnvironment ListEnvironments',
    appflow: 'ListFlows ListTagsForResource',
    events: 'Describe* List* TestEventPattern',
    mq: 'DescribeBroker* DescribeConfiguration* DescribeUser List*',
    schemas: 'Describe* GetResourcePolicy List*',
    sns: 'GetPlatformApplicationAttributes GetTopicAttributes ListSubscriptions* ListTagsForResource ListTopics',
    sqs: 'GetQueueAttributes ListDeadLetterSourceQueues ListQueue* ListQueues',
    states: 'DescribeStateMachine ListStateMachines ListTagsForResource',
  }),
  allow('Blockchain', {
    managedblockchain: 'ListNetworks',
    qldb: 'DescribeJournalS3Export DescribeLedger ListJournalS* ListLedgers',
  }),
  allow('BusinessApplications', {
    a4b: 'ListSkills',
    chime: 'List*',
    connect: `ListApprovedOrigins ListInstance* ListInstances* ListIntegrationAssociations ListLambdaFunctions
      ListLexBots ListSecurityKeys`,
    honeycode: 'ListTables',
    mechanicalturk: 'ListHITs',
    profile: 'GetDomain ListDomains ListIntegrations',
    ses: `Describe* GetAccount* GetConfiguration* GetDedicatedIps GetEmailIdentity GetIdentityDkimAttributes
      GetIdentityPolicies GetIdentityVerificationAttributes ListConfigurationSets ListDedicatedIpPools ListIdentities
      ListIdentityPolicies ListReceipt* ListVerifiedEmailAddresses`,
    voiceid: 'DescribeDomain',
    wisdom: 'GetAssistant',
    workdocs: 'DescribeResourcePermissions',
  }),
  allow('Compute', {
    apprunner: `DescribeAutoScalingConfiguration DescribeCustomDomains DescribeObservabilityConfiguration
      DescribeService DescribeVpc* ListAutoScalingConfigurations ListConnections ListObservabilityConfigurations
      ListOperations ListServices ListTagsForResource ListVpc*`,
    autoscaling: 'Describe*',
    batch: 'DescribeComputeEnvironments DescribeJobDefinitions',
    ec2: `Describe* GetAllowedImagesSettings GetEbs* GetImageBlockPublicAccessState GetInstanceMetadataDefaults
      GetManagedPrefix* GetNetwork* GetSerialConsoleAccessStatus GetSnapshotBlockPublicAccessState
      GetTransitGatewayAttachmentPropagations GetTransitGatewayMulticastDomainAssociations
      GetTransitGatewayPrefixListReferences GetTransitGatewayRoute* SearchTransitGatewayRoutes`,
    elasticbeanstalk: 'Describe* ListTagsForResource',
    lambda: `GetAccountSettings GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration
      GetFunctionEventInvokeConfig GetFunctionUrlConfig GetLayerVersionPolicy GetPolicy GetRuntimeManagementConfig
      List*`,
    lightsail: 'GetBuckets GetContainerServices GetDiskSnapshots GetDisks GetInstances GetLoadBalancers',
    pcs: 'Get* List*',
    serverlessrepo: 'GetApplicationPolicy List*',
  }),
  allow('Containers', {
    ecr: `BatchGetRepositoryScanningConfiguration DescribeImageScanFindings DescribeImages DescribeRegistry
      DescribeRepositories GetLifecyclePolicy GetRegistry* GetRepositoryPolicy ListImages ListTagsForResource`,
    'ecr-public': 'Describe* GetRegistryCatalogData GetRepository* ListTagsForResource',
    ecs: 'Describe* List*',
    eks: `DescribeAccessEntry DescribeCluster DescribeFargateProfile DescribeNodegroup ListAccessEntries
      ListAssociatedAccessPolicies ListClusters ListFargateProfiles ListNodegroups ListTagsForResource ListUpdates`,
  }),
  allow('Databases', {
    'docdb-elastic': 'ListClusters',
    dynamodb: `DescribeContinuousBackups DescribeExport DescribeGlobalTable DescribeKinesisStreamingDestination
      DescribeTable DescribeTimeToLive GetResourcePolicy ListBackups ListExports ListGlobalTables ListStreams
      ListTables ListTagsOfResource`,
    elasticache: 'Describe* ListTagsForResource',
    memorydb: 'DescribeClusters',
    rds: 'Describe* DownloadDBLogFilePortion ListTagsForResource',
  }),
  allow('DeveloperTools', {
    cloud9: 'Describe* ListEnvironments',
    codeartifact: 'GetDomainPermissionsPolicy GetRepositoryPermissionsPolicy ListRepositories',
    codebuild: 'BatchGetProjects GetResourcePolicy ListProjects ListSourceCredentials',
    codecommit: 'BatchGetRepositories GetBranch GetObjectIdentifier GetRepository* List*',
    codedeploy: 'Batch* Get* List*',
    codepipeline: 'GetJobDetails GetPipeline* ListPipelines',
    codestar: 'Describe* List*',
    xray: `GetEncryptionConfig GetGroup* GetGroups GetSamplingRules GetSamplingTargets GetTraceSummaries
      ListTagsForResource`,
  }),
  allow('EndUserComputing', {
    workspaces: 'Describe*',
  }),
  allow('FrontEndWebAndMobile', {
    appsync: 'GetApiCache List*',
    devicefarm: 'ListProjects',
    geo: 'ListMaps',
  }),
  allow('GameTech', {
    gamelift: 'ListBuilds ListFleets',
  }),
  allow('InternetOfThings', {
    greengrass: 'List*',
    iot: 'Describe* GetPolicy* List*',
    iotanalytics: 'ListChannels',
    iotevents: 'ListInputs',
    iotfleetwise: 'ListModelManifests',
    iotsitewise: 'DescribeGatewayCapabilityConfiguration ListAssetModels ListGateways',
    iottwinmaker: 'ListWorkspaces',
  }),
  allow('MachineLearningAndAi', {
    bedrock: `GetAgent GetAgentAlias GetAgentKnowledgeBase GetCustomModel GetFlowAlias GetFoundation*
      GetImportedModel GetInferenceProfile GetIngestionJob GetKnowledgeBaseDocuments GetMarketplaceModelEndpoint
      GetModelCopyJob GetModelCustomizationJob GetModelImportJob GetModelInvocationLoggingConfiguration
      GetPromptRouter GetProvisionedModelThroughput ListAgentActionGroups ListAgentAliases ListAgentKnowledgeBases
      ListAgentVersions ListAgents ListCustomModels ListDataSources ListEvaluationJobs ListFlowAliases
      ListFlowVersions ListFlows ListFoundationModels ListGuardrails ListImportedModels ListInferenceProfiles
      ListIngestionJobs ListKnowledgeBases ListMarketplaceModelEndpoints ListModelCopyJobs ListModelCustomizationJobs
      ListModelImportJobs ListModelInvocationJobs ListPrompt* ListPrompts ListProvisionedModelThroughputs
      ListTagsForResource`,
    'bedrock-agentcore': `GetABTest GetAgentRuntime* GetBatchEvaluation GetBrowser GetBrowserProfile
      GetCodeInterpreter GetConfiguration* GetEvaluator GetGateway GetGatewayTarget GetHarness GetMemory
      GetOnlineEvaluationConfig GetPaymentConnector GetPaymentCredentialProvider GetPaymentInstrument
      GetPaymentManager GetPaymentSession GetPolicy GetPolicyEngine GetPolicyGeneration GetRecommendation GetRegistry*
      ListABTests ListAgentRuntimeEndpoints ListAgentRuntimeVersions ListAgentRuntimes ListBatchEvaluations
      ListBrowserProfiles ListBrowsers ListCodeInterpreters ListConfiguration* ListEvaluators ListGatewayTargets
      ListGateways ListHarnesses ListMemories ListOnlineEvaluationConfigs ListPayment* ListPolicies ListPolicyEngines
      ListPolicyGenerationAssets ListPolicyGenerations ListRecommendations ListRegistries ListRegistryRecords`,
    comprehend: 'Describe* List*',
    comprehendmedical: `ListICD10CMInferenceJobs ListPHIDetectionJobs ListRxNormInferenceJobs
      ListSNOMEDCTInferenceJobs`,
    forecast: 'ListDatasets',
    frauddetector: 'GetDetectors',
    healthlake: 'ListFHIRDatastores',
    kendra: 'DescribeIndex ListDataSources ListIndices ListTagsForResource',
    lex: 'DescribeBot DescribeResourcePolicy ListBots',
    lookoutequipment: 'ListDatasets',
    lookoutmetrics: 'ListAnomalyDetectors',
    lookoutvision: 'ListProjects',
    machinelearning: 'DescribeMLModels',
    personalize: 'DescribeDatasetGroup ListDatasetGroups',
    qbusiness: `ListApplications ListDataSource* ListDataSources* ListDocuments ListGroups ListIndices
      ListPlugins ListRetrievers ListSubscriptions ListTagsForResource ListWebExperiences`,
    rekognition: 'Describe* List*',
    sagemaker: 'Describe* List*',
    transcribe: `GetCallAnalyticsCategory GetMedicalVocabulary GetVocabulary* ListCall* ListLanguageModels
      ListMedicalTranscriptionJobs ListMedicalVocabularies ListTagsForResource ListTranscriptionJobs ListVocabularies
      ListVocabularyFilters`,
    translate: 'List*',
  }),
  allow('ManagementAndGovernance', {
    account: 'GetAccountInformation GetAlternateContact GetPrimaryEmail GetRegionOptStatus',
    'application-autoscaling': 'Describe*',
    'autoscaling-plans': 'DescribeScalingPlans',
    cloudformation: 'DescribeStack* DescribeStacks* GetStackPolicy GetTemplate ListStack* ListStacks*',
    cloudtrail: 'DescribeTrails GetEventSelectors GetInsightSelectors GetTrail* ListTags ListTrails LookupEvents',
    cloudwatch: 'Describe* GetDashboard ListDashboards ListTagsForResource',
    config: 'Batch* DeliverConfigSnapshot Describe* Get* List* Select*',
    grafana: 'ListWorkspaces',
    health: `DescribeAffected* DescribeEntityAggregates DescribeEvent* DescribeEvents*
      DescribeHealthServiceStatusForOrganization`,
    'license-manager': 'List*',
    logs: 'Describe* GetLogDelivery ListLogDeliveries ListTags*',
    opsworks: 'DescribeStacks',
    'opsworks-cm': 'DescribeServers',
    organizations: 'Describe* List*',
    'resource-groups': 'ListGroupResources',
    robomaker: 'Describe* List*',
    servicequotas: `GetAWSDefaultServiceQuota GetAssociationForServiceQuotaTemplate
      GetRequestedServiceQuotaChange GetService* List*`,
    ssm: `Describe* GetAutomationExecution GetServiceSetting ListAssociation* ListAssociations ListCommands
      ListCompliance* ListDocument* ListDocuments ListInventoryEntries ListOpsMetadata ListResource*
      ListTagsForResource`,
    support: 'DescribeTrusted*',
    synthetics: 'Describe* Get* List*',
    tag: 'GetResources GetTagKeys',
    trustedadvisor: 'Describe*',
  }),
  allow('Media', {
    elastictranscoder: 'ListPipelines',
    mediaconnect: 'Describe* List*',
    medialive: 'ListChannels',
    mediapackage: 'DescribeOriginEndpoint ListOriginEndpoints',
    'mediapackage-vod': 'DescribePackagingGroup ListPackagingGroups',
    mediastore: 'GetContainerPolicy GetCorsPolicy ListContainers',
    nimble: 'ListStudios',
  }),
  allow('MigrationAndTransfer', {
    datasync: 'Describe* List*',
    discovery: 'DescribeAgents DescribeConfigurations DescribeContinuousExports DescribeExport* DescribeImportTasks',
    dms: 'Describe* ListTagsForResource',
    m2: 'GetApplication GetEnvironment ListApplications ListEnvironments ListTagsForResource',
    snowball: 'ListClusters ListJobs',
    transfer: 'Describe* List*',
  }),
  allow('NetworkingAndContentDelivery', {
    appmesh: 'Describe* List*',
    cloudfront: 'Get* List*',
    directconnect: 'Describe*',
    elasticloadbalancing: 'Describe*',
    globalaccelerator: 'Describe* List*',
    networkmanager: 'DescribeGlobalNetworks',
    'private-networks': 'ListNetworks',
    route53: 'Get* List*',
    route53domains: 'GetDomainDetail GetOperationDetail ListDomains ListOperations ListTagsForDomain',
    route53resolver: 'Get* List*',
  }),
  allow('QuantumTechnologies', {
    braket: 'SearchJobs SearchQuantumTasks',
  }),
  allow('SecurityIdentityAndCompliance', {
    'access-analyzer': `GetAnalyzedResource GetAnalyzer GetArchiveRule GetFinding ListAnalyzedResources
      ListAnalyzers ListArchiveRules ListFindings ListTagsForResource`,
    acm: 'Describe* List*',
    'acm-pca': 'Describe* GetPolicy List*',
    auditmanager: `GetAccountStatus ListAssessment* ListAssessments ListControl* ListControls ListNotifications
      ListTagsForResource`,
    clouddirectory: 'ListDirectories',
    'cognito-identity': 'Describe* GetIdentityPoolRoles ListIdentityPools ListTagsForResource',
    'cognito-idp': `Describe* ListDevices ListGroups ListIdentityProviders ListResourceServers
      ListTagsForResource ListUserImportJobs ListUserPoolClients ListUserPools ListUsers*`,
    'cognito-sync': 'Describe* List*',
    detective: 'GetGraphIngestState ListGraphs ListMembers',
    ds: 'DescribeDirectories',
    fms: 'ListComplianceStatus ListPolicies',
    guardduty: 'Describe* Get* List*',
    iam: 'GenerateCredentialReport GenerateServiceLastAccessedDetails Get* List* Simulate*',
    identitystore: 'DescribeGroupMembership Get* IsMemberInGroups ListGroup* ListGroups ListUsers',
    inspector: 'Describe* Get* List* PreviewAgents',
    inspector2: `BatchGetAccountStatus BatchGetFreeTrialInfo DescribeOrganizationConfiguration GetConfiguration
      GetDelegatedAdminAccount GetFindingsReportStatus GetMember ListAccountPermissions ListCoverage*
      ListDelegatedAdminAccounts ListFilters ListFinding* ListFindings ListTagsForResource ListUsageTotals`,
    kms: 'Describe* Get* List*',
    macie2: 'ListFindings',
    'network-firewall': `DescribeFirewall DescribeFirewallPolicy DescribeLoggingConfiguration
      DescribeResourcePolicy DescribeRuleGroup ListFirewall* ListFirewalls ListRuleGroups`,
    ram: 'GetResourceShares List*',
    rolesanywhere: 'Get* List*',
    secretsmanager: 'DescribeSecret GetResourcePolicy List*',
    'security-ir': 'BatchGetMemberAccountDetails GetCase GetCaseAttachmentDownloadUrl GetMembership List*',
    securityhub: `BatchGetAutomationRules BatchGetConfigurationPolicyAssociations BatchGetControlEvaluations
      BatchGetSecurityControls BatchGetStandardsControlAssociations Describe* Get* List*`,
    shield: 'Describe* GetSubscriptionState List*',
    sso: `DescribeAccount* DescribeApplication* DescribeInstance* DescribePermission* DescribeRegion
      DescribeTrustedTokenIssuer GetApplicationAccessScope GetApplicationAssignmentConfiguration
      GetApplicationAuthenticationMethod GetApplicationGrant GetApplicationSessionConfiguration
      GetInlinePolicyForPermissionSet GetPermissionsBoundaryForPermissionSet List*`,
    'sso-directory': 'ListExternalIdPConfigurationsForDirectory',
    sts: 'GetAccessKeyInfo',
    waf: 'GetWebACL ListTagsForResource ListWebACLs',
    'waf-regional': 'GetWebACL ListResourcesForWebACL ListTagsForResource ListWebACLs',
    wafv2: `GetLoggingConfiguration GetWeb* ListAvailableManagedRuleGroups ListIPSets ListLoggingConfigurations
      ListRegexPatternSets ListResourcesForWebACL ListRuleGroups ListTagsForResource ListWebACLs`,
  }),
  allow('Storage', {
    backup: `DescribeGlobalSettings DescribeRegionSettings GetBackupVaultAccessPolicy
      GetBackupVaultNotifications ListBackupVaults ListTags`,
    elasticfilesystem: 'Describe*',
    fsx: 'Describe* ListTagsForResource',
    glacier: 'DescribeVault GetDataRetrievalPolicy GetVaultAccessPolicy GetVaultLock ListVaults',
    s3: `DescribeJob GetAccelerateConfiguration GetAccessGrantsInstanceResourcePolicy GetAccessPoint*
      GetAccountPublicAccessBlock GetAnalyticsConfiguration GetBucket* GetEncryptionConfiguration
      GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration GetMultiRegionAccessPoint
      GetMultiRegionAccessPointPolicy* GetObjectAcl GetObjectTagging GetObjectVersionAcl GetReplicationConfiguration
      GetStorageLensConfiguration GetStorageLensGroup ListAccessGrants ListAccessGrantsInstances ListAccessPoints*
      ListAllMyBuckets ListBucket ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorage*`,
    's3-object-lambda': 'GetObjectAcl GetObjectVersionAcl',
    's3-outposts': 'ListEndpoints ListOutpostsWithS3 ListSharedEndpoints',
    s3express: 'GetBucketPolicy GetEncryptionConfiguration ListAllMyDirectoryBuckets',
    s3files: 'Get* List*',
    s3tables: `GetNamespace GetTableBucketMaintenanceConfiguration GetTableBucketPolicy
      GetTableMaintenanceConfiguration GetTablePolicy ListNamespaces ListTable* ListTables`,
    s3vectors: 'Get* ListIndexes ListVector* ListVectors',
    storagegateway: `DescribeBandwidthRateLimit DescribeCache DescribeCachediSCSIVolumes
      DescribeGatewayInformation DescribeMaintenanceStartTime DescribeNFSFileShares DescribeSnapshotSchedule
      DescribeStorediSCSIVolumes DescribeTape* DescribeTapes DescribeUploadBuffer DescribeVTLDevices
      DescribeWorkingStorage List*`,
  }),
];
