import { allow, type Statement } from './managed-policy.ts';

/** The part of ReadOnlyAccess about what applications run on, by category of service. */
export const READ_INFRASTRUCTURE: readonly Statement[] = [
  allow('CloudFinancialManagement', {
    'aws-portal': 'View*',
    billing: `GetBillingData GetBillingDetails GetBillingNotifications GetBillingPreferences GetBillingView
      GetContractInformation GetCredit* GetCredits GetIAMAccessPreference GetResourcePolicy GetSellerOfRecord
      ListBillingViews ListSourceViewsForBillingView ListTagsForResource`,
    billingconductor: 'GetBillingGroupCostReport List*',
    budgets: 'Describe* ListTagsForResource ViewBudget',
    ce: `Describe* GetAnomalies GetAnomaly* GetApproximateUsageRecords GetCommitmentPurchaseAnalysis GetCost*
      GetDimensionValues GetPreferences GetReservation* GetRightsizingRecommendation GetSavings* GetTags
      GetUsageForecast List*`,
    consolidatedbilling: 'GetAccountBillingRole ListLinkedAccounts',
    'cost-optimization-hub': 'Get* List*',
    cur: 'Get*',
    freetier: 'Get* ListAccountActivities',
    invoicing: 'GetInvoiceEmailDeliveryPreferences GetInvoicePDF ListInvoiceSummaries',
    'payment-cryptography': 'GetAlias GetKey GetPublicKeyCertificate List*',
    payments: 'GetPayment* ListPayment* ListTagsForResource',
    pricing: 'DescribeServices Get* ListPriceLists',
    'purchase-orders': 'GetPurchaseOrder ListPurchase* ViewPurchaseOrders',
    savingsplans: 'Describe* ListTagsForResource',
    tax: 'GetExemptions GetTaxInheritance GetTaxInterview GetTaxRegistration* ListTaxRegistrations',
  }),
  allow('Compute', {
    apprunner: `DescribeAutoScalingConfiguration DescribeCustomDomains DescribeObservabilityConfiguration
      DescribeService DescribeVpc* DescribeWebAclForService List*`,
    autoscaling: 'Describe* GetPredictiveScalingForecast',
    batch: 'Describe* List*',
    ec2: `Describe* Get* ListImagesInRecycleBin ListSnapshotsInRecycleBin SearchLocalGatewayRoutes
      SearchTransitGatewayRoutes`,
    ec2messages: 'Get*',
    elasticbeanstalk: `CheckDNSAvailability Describe* List* RequestEnvironmentInfo RetrieveEnvironmentInfo
      ValidateConfigurationSettings`,
    imagebuilder: 'Get* List*',
    lambda: 'Get* List*',
    lightsail: `GetActiveNames GetAlarms GetAutoSnapshots GetBlueprints GetBucket* GetBuckets GetBundles
      GetCertificates GetCloudFormationStackRecords GetContainerAPIMetadata GetContainerImages GetContainerService*
      GetContainerServices GetDisk* GetDisks* GetDistribution* GetDistributions GetDomain* GetDomains
      GetExportSnapshotRecords GetInstance GetInstanceMetricData GetInstancePortStates GetInstanceSnapshot*
      GetInstanceSnapshots GetInstanceState GetInstances* GetKey* GetLoadBalancer GetLoadBalancerMetricData
      GetLoadBalancerTlsCertificates GetLoadBalancers GetOperation* GetOperations* GetRegions GetRelationalDatabase
      GetRelationalDatabaseBlueprints GetRelationalDatabaseBundles GetRelationalDatabaseEvents
      GetRelationalDatabaseLog* GetRelationalDatabaseMetricData GetRelationalDatabaseParameters
      GetRelationalDatabaseSnapshot* GetRelationalDatabaseSnapshots GetRelationalDatabases* GetStatic* IsVpcPeered`,
    outposts: 'Get* List*',
    pcs: 'Get* List*',
    serverlessrepo: 'Get* List* SearchApplications',
  }),
  allow('Containers', {
    ecr: 'BatchCheckLayerAvailability BatchGet* Describe* Get* List*',
    'ecr-public': 'BatchCheckLayerAvailability Describe* Get* ListTagsForResource',
    ecs: 'Describe* GetTaskProtection List*',
    eks: 'AccessKubernetesApi Describe* List*',
  }),
  allow('Databases', {
    cassandra: 'Select',
    'docdb-elastic': 'GetCluster* List*',
    dsql: 'GetCluster* GetStream GetVpcEndpointServiceName List*',
    dynamodb: 'BatchGetItem Describe* Get* List* PartiQLSelect Query Scan',
    elasticache: 'Describe* List*',
    memorydb: 'Describe* List*',
    rds: 'Describe* Download* ListTagsForResource',
    timestream: `DescribeBatchLoadTask DescribeDatabase DescribeEndpoints DescribeTable ListBatchLoadTasks
      ListDatabases ListMeasures ListTables ListTagsForResource`,
  }),
  allow('ManagementAndGovernance', {
    account: `GetAccountInformation GetAlternateContact GetContactInformation GetGovCloudAccountInformation
      GetPrimaryEmail GetRegionOptStatus ListRegions`,
    'action-recommendations': 'ListRecommendedActions',
    appconfig: `GetApplication GetConfiguration* GetDeployment* GetEnvironment GetExtension
      GetHostedConfigurationVersion ListApplications ListConfigurationProfiles ListDeployment* ListDeployments*
      ListEnvironments ListExtensions ListHostedConfigurationVersions ListTagsForResource`,
    'application-autoscaling': 'Describe* GetPredictiveScalingForecast ListTagsForResource',
    'application-signals': `BatchGetServiceLevelObjectiveBudgetReport GetService* ListAuditFindings
      ListEntityEvents ListGroupingAttributeDefinitions ListObservedEntities ListService* ListServices*
      ListTagsForResource`,
    applicationinsights: 'Describe* List*',
    aps: 'Describe* Get* List* PreviewAnomalyDetector QueryMetrics',
    'arc-region-switch': 'GetPlan* List*',
    'arc-zonal-shift': 'Get* List*',
    'autoscaling-plans': 'Describe* GetScalingPlanResourceForecastData',
    chatbot: 'Describe* Get* List*',
    cloudformation: `BatchDescribeTypeConfigurations Describe* Detect* EstimateTemplateCost Get* List*
      ValidateTemplate`,
    cloudtrail: 'Describe* Get* List* LookupEvents',
    cloudwatch: 'Describe* Generate* Get* List*',
    'codestar-notifications': 'DescribeNotificationRule List*',
    'compute-optimizer': 'DescribeRecommendationExportJobs Get*',
    config: 'Batch* DeliverConfigSnapshot Describe* Get* List* Select*',
    consoleapp: 'GetDeviceIdentity ListDeviceIdentities',
    controlcatalog: 'GetControl List*',
    evidently: 'Get* List* TestSegmentPattern',
    grafana: 'Describe* ListPermissions ListTagsForResource ListVersions ListWorkspaces',
    health: 'Describe*',
    launchwizard: `Describe* GetDeployment GetInfrastructureSuggestion GetIpAddress GetResource* GetSettingsSet
      GetWorkload* ListAdditionalNodes ListAllowedResources ListDeploymentEvents ListDeployments ListProvisionedApps
      ListResourceCostEstimates ListSettingsSets ListTagsForResource ListWorkload* ListWorkloads`,
    'license-manager': 'Get* List*',
    logs: `Describe* FilterLogEvents Get* ListAggregateLogGroupSummaries ListAnomalies ListEntitiesForLogGroup
      ListIntegrations ListLogAnomalyDetectors ListLogDeliveries ListLogGroupsFor* ListScheduledQueries
      ListSourcesForS3TableIntegration ListTags* Start* Stop* TestMetricFilter`,
    notifications: 'Get* List*',
    'notifications-contacts': 'GetEmailContact List*',
    oam: 'Get* ListAttachedLinks ListLinks ListSinks',
    observabilityadmin: `GetCentralizationRuleForOrganization GetS3TableIntegration GetTelemetry*
      ListCentralizationRulesForOrganization ListResource* ListS3TableIntegrations ListTagsForResource ListTelemetry*
      TestTelemetryPipeline ValidateTelemetryPipelineConfiguration`,
    opsworks: 'Describe* GetHostnameSuggestion',
    'opsworks-cm': 'Describe* ListTagsForResource',
    organizations: 'Describe* List*',
    pi: 'DescribeDimensionKeys GetDimensionKeyDetails GetResource* ListAvailable*',
    proton: `GetDeployment GetEnvironment GetEnvironmentTemplate GetEnvironmentTemplateVersion GetService
      GetServiceInstance GetServiceTemplate GetServiceTemplateVersion ListDeployments
      ListEnvironmentAccountConnections ListEnvironmentTemplates ListEnvironments ListServiceInstances
      ListServiceTemplates ListServices ListTagsForResource`,
    rbin: 'GetRule List*',
    resiliencehub: `Describe* GetFailureModeFinding GetPolicy GetService GetSystem GetUserJourney
      ListAlarmRecommendations ListApp* ListApps ListAssertions ListDependencies ListFailure* ListInputSources
      ListMetrics ListPolicies ListRecommendationTemplates ListReports ListResiliencyPolicies ListResource*
      ListResources ListService* ListServices ListSopRecommendations ListSuggestedResiliencyPolicies ListSystem*
      ListSystems ListTagsForResource ListTestRecommendations ListUnsupportedAppVersionResources ListUserJourneys`,
    'resource-explorer-2': `BatchGetView GetAccountLevelServiceConfiguration GetDefaultView GetIndex
      GetManagedView GetResourceExplorerSetup GetService* GetView List* Search`,
    'resource-groups': 'Get* List* SearchResources',
    robomaker: 'BatchDescribeSimulationJob Describe* GetWorldTemplateBody List*',
    rum: 'GetApp* ListAppMonitors',
    servicecatalog: 'Describe* GetApplication GetAttributeGroup List* ScanProvisionedProducts Search*',
    servicequotas: `Get* ListAWSDefaultServiceQuotas ListRequested* ListService* ListServices
      StartQuotaUtilizationReport`,
    ssm: 'Describe* Get* List*',
    'ssm-contacts': `Describe* GetContact GetContactChannel ListContact* ListContacts ListEngagements
      ListPageReceipts ListPages*`,
    'ssm-incidents': `Get* ListIncidentRecords ListRelatedItems ListReplicationSets ListResponsePlans
      ListTagsForResource ListTimelineEvents`,
    'ssm-quicksetup': 'Get* List*',
    'ssm-sap': 'Get* List*',
    support: `DescribeAttachment DescribeCaseAttributes DescribeCases DescribeCommunication*
      DescribeCommunications DescribeCreateCaseOptions DescribeIssueTypes DescribeServices DescribeSeverityLevels
      DescribeSupport* DescribeSupportedLanguages DescribeTrusted* SearchForCases`,
    supportplans: 'GetSupportPlan* ListSupportPlanModifiers',
    sustainability: 'GetCarbonFootprintSummary GetEstimatedCarbon*',
    synthetics: 'Describe* Get* List*',
    tag: 'DescribeReportCreation Get*',
    trustedadvisor: `Describe* Get* ListChecks ListOrganizationRecommendation* ListOrganizationRecommendations
      ListRecommendationResources ListRecommendations`,
    'user-subscriptions': 'ListApplicationClaims ListClaims ListUserSubscriptions',
    wellarchitected: `ExportLens GetAnswer GetConsolidatedReport GetLens* GetMilestone GetProfile* GetReview*
      GetWorkload List*`,
  }),
  allow('MigrationAndTransfer', {
    apptest: 'Get* List*',
    datasync: 'Describe* List*',
    discovery: 'Describe* Get* List*',
    dms: 'Describe* List* TestConnection',
    m2: `GetApplication* GetBatchJobExecution GetDataSetDetails GetDataSetImportTask GetDeployment
      GetEnvironment ListApplication* ListApplications ListBatchJobDefinitions ListBatchJobExecutions
      ListDataSetImportHistory ListDataSets ListDeployments ListEngineVersions ListEnvironments ListTagsForResource`,
    mgh: 'Describe* GetHomeRegion List*',
    mgn: `DescribeJob* DescribeJobs DescribeLaunchConfigurationTemplates
      DescribeReplicationConfigurationTemplates DescribeSourceServers DescribeVcenterClients GetLaunchConfiguration
      GetReplicationConfiguration ListApplications ListSourceServerActions ListTemplateActions ListWaves`,
    'refactor-spaces': 'Get* List*',
    snowball: 'Describe* Get* List*',
    transfer: 'Describe* List* TestIdentityProvider',
    transform: 'GetAccountSettings GetAgent* GetConnector List*',
    'transform-custom': `GetAnalysis GetCampaign GetFinding* GetKnowledgeItem GetRemediation GetRepository
      GetSource ListAnalyses ListCampaign* ListCampaigns ListFindings ListKnowledgeItems ListRemediations
      ListRepositories ListSources ListTagsForResource ListTransformationPackageMetadata`,
  }),
  allow('NetworkingAndContentDelivery', {
    apigateway: 'GET GetPortal GetPortalProduct GetProduct* GetRoutingRule List*',
    appmesh: 'Describe* List*',
    cloudfront: 'Describe* Get* List*',
    'cloudfront-keyvaluestore': 'DescribeKeyValueStore GetKey ListKeys',
    directconnect: 'Describe*',
    elasticloadbalancing: 'Describe*',
    globalaccelerator: 'Describe* List*',
    interconnect: 'DescribeConnectionProposal Get* List*',
    internetmonitor: 'GetHealthEvent GetInternetEvent GetMonitor List*',
    networkflowmonitor: 'GetMonitor GetScope ListMonitors ListScopes',
    networkmanager: `DescribeGlobalNetworks GetConnect* GetConnections GetCore* GetCustomerGatewayAssociations
      GetDevices GetLink* GetLinks GetNetwork* GetResourcePolicy GetRouteAnalysis GetSite* GetSites GetTransit*
      GetVpcAttachment ListAttachment* ListAttachments ListConnectPeers ListCore* ListPeerings ListTagsForResource`,
    networkmonitor: 'Get* List*',
    route53: 'Get* List* TestDNSAnswer',
    'route53-recovery-cluster': 'GetRoutingControlState ListRoutingControls',
    'route53-recovery-control-config': 'Describe* GetResourcePolicy List*',
    'route53-recovery-readiness': 'Get* List*',
    route53domains: 'Check* Get* List* ViewBilling',
    route53globalresolver: `GetAccessSource GetDNSView GetFirewall* GetGlobalResolver GetHostedZoneAssociation
      GetManagedFirewallDomainList ListAccess* ListDNSViews ListFirewall* ListGlobalResolvers
      ListHostedZoneAssociations ListManagedFirewallDomainLists`,
    route53profiles: 'GetProfile GetProfileAssociation GetProfileResourceAssociation List*',
    route53resolver: 'Get* List*',
    servicediscovery: 'Discover* Get* List*',
    tnb: 'Get* List*',
    'vpc-lattice': 'Get* List*',
  }),
  allow('SecurityIdentityAndCompliance', {
    'access-analyzer': `GetAccessPreview GetAnalyzedResource GetAnalyzer GetArchiveRule GetFinding
      GetFindingsStatistics GetGeneratedPolicy List* ValidatePolicy`,
    acm: 'Describe* Get* List* SearchCertificates',
    'acm-pca': 'Describe* Get* List*',
    artifact: `GetCustomerAgreement GetReport* GetTermForReport ListAgreements ListCustomerAgreements
      ListReport* ListReports`,
    auditmanager: `GetAccountStatus GetAssessment* GetChangeLogs GetControl GetDelegations GetEvidence
      GetEvidenceByEvidenceFolder GetEvidenceFolder* GetEvidenceFolders* GetOrganizationAdminAccount
      GetServicesInScope GetSettings ListAssessmentFrameworks ListAssessmentReports ListAssessments ListControls
      ListKeywordsForDataSource ListNotifications ListTagsForResource ValidateAssessmentReportIntegrity`,
    clouddirectory: 'BatchRead Get* List* LookupPolicy',
    cloudhsm: 'Describe* GetResourcePolicy ListTags',
    'cognito-identity': 'Describe* GetCredentialsForIdentity GetIdentity* GetOpen* List* LookupDeveloperIdentity',
    'cognito-idp': 'AdminGet* AdminList* Describe* Get* List*',
    'cognito-sync': 'Describe* Get* List* QueryRecords',
    detective: 'Batch* Get* List* SearchGraph',
    ds: 'CheckAlias Describe* Get* List* VerifyTrust',
    fms: `GetAdmin* GetAppsList GetComplianceDetail GetNotificationChannel GetPolicy GetProtectionStatus
      GetProtocolsList GetViolationDetails ListAppsLists ListComplianceStatus ListMemberAccounts ListPolicies
      ListProtocolsLists ListTagsForResource`,
    guardduty: 'Describe* Get* List*',
    iam: 'Generate* Get* List* Simulate*',
    'identity-sync': 'Get* ListSyncFilters',
    identitystore: 'DescribeGroup* DescribeUser Get* IsMemberInGroups ListGroup* ListGroups ListUsers',
    'identitystore-auth': 'BatchGetSession ListSessions',
    inspector: 'Describe* Get* List* PreviewAgents',
    inspector2: `BatchGetAccountStatus BatchGetCodeSnippet BatchGetFreeTrialInfo
      BatchGetMemberEc2DeepInspectionStatus DescribeOrganizationConfiguration GetCisScanReport GetConfiguration
      GetDelegatedAdminAccount GetEc2DeepInspectionConfiguration GetEncryptionKey GetFindingsReportStatus GetMember
      GetSbomExport ListAccountPermissions ListCisScanConfigurations ListCisScans ListCoverage*
      ListDelegatedAdminAccounts ListFilters ListFinding* ListFindings ListMembers ListTagsForResource ListUsageTotals
      SearchVulnerabilities`,
    kms: 'Describe* Get* List*',
    macie2: `BatchGetCustomDataIdentifiers Describe* GetAdministratorAccount GetAllowList
      GetAutomatedDiscoveryConfiguration GetBucketStatistics GetClassification* GetCustomDataIdentifier GetFinding*
      GetFindings* GetInvitationsCount GetMacieSession GetMember GetResourceProfile GetRevealConfiguration
      GetSensitiveDataOccurrencesAvailability GetSensitivityInspectionTemplate GetUsage* ListAllowLists
      ListAutomatedDiscoveryAccounts ListClassification* ListCustomDataIdentifiers ListFindings* ListInvitations
      ListMembers ListOrganizationAdminAccounts ListResource* ListSensitivityInspectionTemplates ListTagsForResource
      SearchResources`,
    mpa: 'Get* List*',
    'network-firewall': `DescribeFirewall DescribeFirewallPolicy DescribeLoggingConfiguration DescribeProxy*
      DescribeResourcePolicy DescribeRuleGroup DescribeRuleGroupMetadata DescribeTLSInspectionConfiguration
      ListFirewall* ListFirewalls ListProxies ListProxy* ListRuleGroups ListTLSInspectionConfigurations
      ListTagsForResource`,
    'pca-connector-ad': 'Get* List*',
    'pca-connector-scep': 'GetChallengeMetadata GetConnector List*',
    ram: 'Get* List*',
    rolesanywhere: 'Get* List*',
    secretsmanager: 'DescribeSecret GetResourcePolicy List*',
    securityagent: `BatchGetAgentSpaces BatchGetArtifactMetadata BatchGetCode* BatchGetFindings BatchGetPentest*
      BatchGetPentests BatchGetTargetDomains GetApplication GetArtifact GetDesign* GetIntegration ListAgentSpaces
      ListApplications ListArtifacts ListCode* ListDesign* ListDiscoveredEndpoints ListFindings
      ListIntegratedResources ListIntegrations ListMemberships ListPentest* ListPentests ListResourcesFromIntegration
      ListSecurityRequirements ListTargetDomains`,
    securityhub: `BatchGetAutomationRules BatchGetConfigurationPolicyAssociations BatchGetControlEvaluations
      BatchGetSecurityControls BatchGetStandardsControlAssociations Describe* Get* List*`,
    securitylake: 'Get* List*',
    shield: 'Describe* Get* List*',
    signer: 'DescribeSigningJob GetSigning* List*',
    signin: 'ListTrustedIdentityPropagationApplicationsForConsole',
    sso: 'Describe* Get* List*',
    'sso-directory': 'Describe* List* Search*',
    sts: 'GetAccessKeyInfo GetCallerIdentity GetSessionToken',
    verifiedpermissions: `GetIdentitySource GetPolicy GetPolicyStore GetPolicyTemplate GetSchema Is*
      ListIdentitySources ListPolicies ListPolicyStores ListPolicyTemplates`,
    waf: 'Get* List*',
    'waf-regional': 'Get* List*',
    wafv2: 'CheckCapacity Describe* Get* List*',
  }),
  allow('Storage', {
    backup: 'Describe* Get* List*',
    'backup-gateway': 'Get* List*',
    dlm: 'Get*',
    drs: `DescribeJob* DescribeJobs DescribeLaunchConfigurationTemplates DescribeRecovery*
      DescribeReplicationConfigurationTemplates DescribeSource* GetFailbackReplicationConfiguration
      GetLaunchConfiguration GetReplicationConfiguration ListExtensibleSourceServers ListLaunchActions
      ListStagingAccounts ListTagsForResource`,
    elasticfilesystem: 'Describe* ListTagsForResource',
    fsx: 'Describe* ListTagsForResource',
    glacier: 'Describe* Get* List*',
    importexport: 'Get* ListJobs',
    s3: 'DescribeJob Get* List*',
    's3-object-lambda': 'Get* List*',
    's3-outposts': 'Get* List*',
    s3express: 'GetAccess* GetBucketPolicy GetEncryptionConfiguration GetLifecycleConfiguration List*',
    s3files: 'Get* List*',
    s3tables: `GetNamespace GetTable GetTableBucket GetTableBucketEncryption
      GetTableBucketMaintenanceConfiguration GetTableBucketPolicy GetTableBucketReplication GetTableBucketStorageClass
      GetTableData GetTableEncryption GetTableMaintenance* GetTableMetadataLocation GetTablePolicy GetTableRecord*
      GetTableReplication* GetTableStorageClass List*`,
    s3vectors: 'Get* ListIndexes ListVector* ListVectors QueryVectors',
    storagegateway: 'Describe* List*',
  }),
];
