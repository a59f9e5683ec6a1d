import { allow, type Statement } from './managed-policy.ts';

/** What ViewOnlyAccess grants on everything, by category of service: what there is, not what is in it. */
export const VIEW_ONLY: readonly Statement[] = [
  allow('Analytics', {
    athena: 'List*',
    cloudsearch: 'DescribeDomains List*',
    databrew: 'ListJobs ListProjects',
    datapipeline: 'DescribePipelines GetAccountLimits ListPipelines',
    dax: 'Describe* ListTags',
    elasticmapreduce: 'List*',
    'emr-serverless': 'ListApplications',
    es: 'DescribeElasticsearchDomain DescribeElasticsearchDomains ListDomainNames',
    firehose: 'DescribeDeliveryStream List*',
    glue: 'GetTags',
    kafka: 'ListClusters',
    kinesis: 'ListStreams',
    kinesisanalytics: 'ListApplications ListTagsForResource',
    redshift: 'DescribeClusters DescribeEvents ViewQueriesInConsole',
    'redshift-serverless': 'ListTagsForResource ListWorkgroups',
    sdb: 'List*',
  }),
  allow('ApplicationIntegration', {
    events: 'ListRule* ListRules ListTargetsByRule',
    sns: 'List*',
    sqs: 'Get* List*',
    states: 'ListActivities ListExecutions ListMapRuns ListState*',
    swf: 'List*',
  }),
  allow('BusinessApplications', {
    connect: 'List*',
    mobiletargeting: 'GetApplicationSettings GetCampaigns GetImportJobs GetSegments',
    profile: 'ListDomains ListIntegrations',
    ses: 'DescribeActiveReceiptRuleSet List*',
    workdocs: 'DescribeAvailableDirectories DescribeInstances',
    workmail: 'Describe*',
  }),
  allow('CloudFinancialManagement', {
    'aws-marketplace': 'ViewSubscriptions',
    'cost-optimization-hub': 'Get* ListEnrollmentStatuses ListRecommendation* ListRecommendations*',
  }),
  allow('Compute', {
    autoscaling: 'Describe*',
    batch: 'ListJobs',
    ec2: `DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeBundleTasks
      DescribeCarrierGateways DescribeClassicLinkInstances DescribeConversionTasks DescribeCustomerGateways
      DescribeDhcpOptions DescribeExportTasks DescribeFlowLogs DescribeHost* DescribeHosts DescribeId*
      DescribeIdentityIdFormat DescribeImage* DescribeImages DescribeImport* DescribeInstance* DescribeInstances*
      DescribeInternetGateways DescribeKeyPairs DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations
      DescribeLocalGatewayRouteTableVpcAssociations DescribeLocalGatewayRouteTables DescribeLocalGatewayVirtual*
      DescribeLocalGateways DescribeMovingAddresses DescribeNatGateways DescribeNetwork* DescribePlacementGroups
      DescribePrefixLists DescribeRegions DescribeReserved* DescribeRouteTables DescribeSecurityGroupRules
      DescribeSecurityGroups DescribeSnapshot* DescribeSnapshots DescribeSpot* DescribeSubnets DescribeTags
      DescribeVolume* DescribeVolumes* DescribeVpc* DescribeVpcs DescribeVpnGateways SearchLocalGatewayRoutes`,
    elasticbeanstalk: 'DescribeApplication* DescribeApplications DescribeEnvironments ListAvailableSolutionStacks',
    lambda: 'List*',
    lightsail: `GetBlueprints GetBundles GetInstanceSnapshots GetInstances GetKeyPair GetRegions GetStaticIps
      IsVpcPeered`,
    outposts: 'GetOutpost GetOutpostInstanceTypes ListOutposts ListSites ListTagsForResource',
  }),
  allow('Containers', {
    ecr: 'DescribeRegistry DescribeRepositories ListImages',
    ecs: 'Describe* List*',
    eks: `DescribeAccessEntry DescribeAddon* DescribeCapability DescribeCluster* DescribeEksAnywhereSubscription
      DescribeFargateProfile DescribeIdentityProviderConfig DescribeInsight* DescribeInsightsRefresh DescribeNodegroup
      DescribePodIdentityAssociation DescribeUpdate ListAccess* ListAddons ListAssociatedAccessPolicies
      ListCapabilities ListClusters ListEksAnywhereSubscriptions ListFargateProfiles ListIdentityProviderConfigs
      ListInsights ListNodegroups ListPodIdentityAssociations ListTagsForResource ListUpdates`,
  }),
  allow('Databases', {
    dynamodb: `DescribeBackup DescribeContinuousBackups DescribeGlobal* DescribeLimits DescribeReserved*
      DescribeStream DescribeTable DescribeTimeToLive ListBackups ListExports ListGlobalTables ListStreams ListTables
      ListTagsOfResource`,
    elasticache: 'Describe*',
    rds: 'Describe*',
  }),
  allow('DeveloperTools', {
    codebuild: 'ListBuilds* ListProjects',
    codecommit: 'List*',
    codedeploy: 'Batch* Get* List*',
    codepipeline: 'ListPipelines',
    codestar: 'List*',
    xray: 'GetEncryptionConfig GetGroups GetSampling* GetTraceSegmentDestination ListResourcePolicies',
  }),
  allow('EndUserComputing', {
    workspaces: 'Describe*',
  }),
  allow('FrontEndWebAndMobile', {
    devicefarm: 'List*',
    uxc: 'GetAccountCustomizations ListServices',
  }),
  allow('GameTech', {
    gamelift: 'List*',
  }),
  allow('InternetOfThings', {
    greengrass: 'List*',
    iot: 'List*',
  }),
  allow('MachineLearningAndAi', {
    aiops: 'GetInvestigation GetInvestigationGroup ListInvestigation* ListInvestigations',
    bedrock: 'ListCustomModels ListTagsForResource',
    comprehend: 'Describe* List*',
    kendra: 'ListDataSources ListTagsForResource',
    lex: `GetBotAliases GetBotChannelAssociations GetBotVersions GetBots GetIntentVersions GetIntents
      GetSlotTypeVersions GetSlotTypes GetUtterancesView`,
    lookoutvision: 'ListModel* ListModels ListProjects',
    machinelearning: 'Describe*',
    polly: 'DescribeVoices List*',
    sagemaker: 'Describe* List*',
  }),
  allow('ManagementAndGovernance', {
    cloudformation: 'DescribeStacks List*',
    cloudtrail: 'DescribeTrails ListTrails LookupEvents',
    cloudwatch: 'Get* List*',
    config: 'Describe* List*',
    logs: 'Describe* GetTransformer ListEntitiesForLogGroup ListLogGroupsFor* ListTagsForResource',
    oam: 'ListAttachedLinks ListLinks ListSinks',
    opsworks: 'Describe*',
    'opsworks-cm': 'Describe*',
    organizations: 'List*',
    'resource-explorer-2': `GetDefaultView GetIndex ListIndexes ListSupportedResourceTypes ListTagsForResource
      ListViews`,
    servicecatalog: 'List*',
    ssm: 'ListAssociations ListDocuments',
    trustedadvisor: 'Describe*',
  }),
  allow('Media', {
    elastictranscoder: 'List*',
    mediaconnect: 'ListEntitlements ListFlows ListOfferings ListReservations ListRouter*',
  }),
  allow('MigrationAndTransfer', {
    discovery: 'List*',
    dms: 'List*',
    m2: 'GetApplication GetEnvironment ListApplications ListEnvironments ListTagsForResource',
  }),
  allow('NetworkingAndContentDelivery', {
    cloudfront: 'List*',
    directconnect: 'Describe*',
    elasticloadbalancing: `DescribeInstanceHealth DescribeListeners DescribeLoadBalancerAttributes
      DescribeLoadBalancers DescribeTargetGroups DescribeTargetHealth`,
    route53: 'Get* List*',
    route53domains: 'List*',
    route53profiles: 'GetProfile GetProfileAssociation GetProfileResourceAssociation List*',
    route53resolver: 'Get* List*',
  }),
  allow('SecurityIdentityAndCompliance', {
    acm: 'ListCertificates',
    clouddirectory: 'ListAppliedSchemaArns ListDevelopmentSchemaArns ListDirectories ListPublishedSchemaArns',
    'cognito-identity': 'ListIdentities ListIdentityPools',
    'cognito-idp': 'List*',
    'cognito-sync': 'ListDatasets',
    ds: 'DescribeDirectories',
    iam: 'GetAccountSummary GetLoginProfile List*',
    inspector: 'List*',
    kms: 'ListKeys ListResourceTags',
    rolesanywhere: 'List*',
    shield: 'List*',
    waf: 'List*',
    'waf-regional': 'List*',
    wafv2: 'List*',
  }),
  allow('Storage', {
    backup: `DescribeBackupJob DescribeBackupVault DescribeCopyJob DescribeFramework DescribeGlobalSettings
      DescribeProtectedResource DescribeRecoveryPoint DescribeRegionSettings DescribeReport* DescribeRestoreJob
      GetSupportedResourceTypes ListBackupJobs ListBackupPlan* ListBackupPlans ListBackupSelections ListBackupVaults
      ListCopyJobs ListFrameworks ListLegalHolds ListProtected* ListRecovery* ListReport* ListRestoreJobs ListTags`,
    elasticfilesystem: 'DescribeFileSystems',
    fsx: 'DescribeFileSystems',
    glacier: 'List*',
    importexport: 'ListJobs',
    s3: 'ListAllMyBuckets ListBucket ListMultiRegionAccessPoints',
    storagegateway: 'ListGateways ListLocalDisks ListVolumeRecoveryPoints ListVolumes',
  }),
];
