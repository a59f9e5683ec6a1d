import { allow, type Statement } from './managed-policy.ts';

/** The part of ReadOnlyAccess about what applications are built of, by category of service. */
export const READ_APPLICATIONS: readonly Statement[] = [
  allow('Analytics', {
    aoss: `BatchGetCollection* BatchGetLifecyclePolicy BatchGetVpcEndpoint GetAccessPolicy GetAccountSettings
      GetPoliciesStats GetSecurity* List*`,
    athena: 'Batch* Get* List*',
    cleanrooms: `Batch* GetAnalysisTemplate GetCollaboration* GetConfigured* GetId* GetMembership
      GetPrivacyBudgetTemplate GetProtected* GetSchema* ListAnalysisTemplates ListCollaboration* ListCollaborations
      ListConfigured* ListId* ListMembers* ListMemberships ListPrivacy* ListProtected* ListSchemas ListTagsForResource
      PreviewPrivacyImpact`,
    cloudsearch: 'Describe* List*',
    databrew: 'Describe* List*',
    dataexchange: 'Get* List*',
    datapipeline: 'Describe* EvaluateExpression Get* ListPipelines QueryObjects ValidatePipelineDefinition',
    datazone: `GetAsset GetAssetType GetDataProduct GetDataSource* GetDomain GetDomainSharingPolicy
      GetDomainUnit GetEnvironment GetEnvironmentAction GetEnvironmentBlueprint* GetEnvironmentProfile GetFormType
      GetGlossary* GetGroupProfile GetLineageNode GetListing GetMetadataGenerationRun GetProject* GetSubscription*
      GetTimeSeriesDataPoint GetUserProfile ListAccountEnvironments ListAssetRevisions ListDataProductRevisions
      ListDataSource* ListDataSources ListDomain* ListDomains ListEntityOwners ListEnvironment* ListEnvironments
      ListGroupsForUser ListLineageNodeHistory ListNotifications ListPolicyGrants ListProject* ListProjects
      ListSubscription* ListSubscriptions ListTagsForResource ListTimeSeriesDataPoints Search SearchGroupProfiles
      SearchListings SearchTypes SearchUserProfiles`,
    dax: 'BatchGetItem Describe* GetItem ListTags Query Scan',
    elasticmapreduce: 'Describe* GetBlockPublicAccessConfiguration List* ViewEventsFromAllClustersInConsole',
    'emr-containers': `DescribeJobRun DescribeManagedEndpoint DescribeVirtualCluster ListJobRuns
      ListManagedEndpoints ListTagsForResource ListVirtualClusters`,
    'emr-serverless': `GetApplication GetDashboardForJobRun GetJobRun ListApplications ListJobRuns
      ListTagsForResource`,
    es: 'Describe* ESHttpGet ESHttpHead Get* List*',
    firehose: 'DescribeDeliveryStream List*',
    glue: `BatchGetCrawlers BatchGetDevEndpoints BatchGetJobs BatchGetPartition BatchGetTableOptimizer
      BatchGetTriggers BatchGetWorkflows CheckSchemaVersionValidity GetCatalog* GetCatalogs GetClassifier*
      GetClassifiers GetCrawler* GetCrawlers GetDataCatalogEncryptionSettings GetDatabase* GetDatabases
      GetDataflowGraph GetDev* GetJob GetJobBookmark GetJobRun* GetJobRuns GetJobs GetML* GetMapping GetPartition
      GetPartitions GetPlan GetRegistry GetResourcePolicy GetSchema* GetSecurity* GetSession GetStatement GetTable*
      GetTables GetTags GetTrigger* GetTriggers GetUser* GetWorkflow* ListCrawlers ListCrawls ListDevEndpoints
      ListJobs ListMLTransforms ListRegistries ListSchema* ListSchemas ListSessions ListStatements
      ListTableOptimizerRuns ListTriggers ListWorkflows QuerySchemaVersionMetadata SearchTables`,
    kafka: 'Describe* Get* List*',
    kafkaconnect: `DescribeConnector DescribeCustomPlugin DescribeWorkerConfiguration ListConnectors
      ListCustomPlugins ListWorkerConfigurations`,
    kinesis: 'Describe* Get* List*',
    kinesisanalytics: 'Describe* DiscoverInputSchema GetApplicationState List*',
    kinesisvideo: 'Describe* Get* List*',
    lakeformation: `DescribeResource GetDataCellsFilter GetDataLakeSettings GetEffectivePermissionsForPath
      GetLFTag GetResourceLFTags ListDataCellsFilter ListLFTags ListPermissions ListResources
      ListTableStorageOptimizers Search*`,
    osis: 'GetPipeline* ListPipelineBlueprints ListPipelines ListTagsForResource',
    redshift: 'Describe* GetReservedNodeExchangeOfferings ListRecommendations View*',
    'redshift-serverless': `GetCustomDomainAssociation GetEndpointAccess GetNamespace GetRecoveryPoint
      GetResourcePolicy GetScheduledAction GetSnapshot GetTableRestoreStatus GetUsageLimit GetWorkgroup
      ListCustomDomainAssociations ListEndpointAccess ListNamespaces ListRecoveryPoints ListScheduledActions
      ListSnapshot* ListSnapshots ListTableRestoreStatus ListTagsForResource ListUsageLimits ListWorkgroups`,
    sdb: 'Get* List* Select',
  }),
  allow('ApplicationIntegration', {
    airflow: 'List*',
    appflow: 'Describe* List*',
    events: 'Describe* List* TestEventPattern',
    mq: 'Describe* List*',
    pipes: 'DescribePipe List*',
    scheduler: 'Get* ListScheduleGroups ListSchedules ListTagsForResource',
    schemas: 'Describe* Get* List* SearchSchemas',
    sns: 'CheckIfPhoneNumberIsOptedOut Get* List*',
    sqs: 'Get* List* ReceiveMessage',
    states: 'Describe* GetExecutionHistory List* ValidateStateMachineDefinition',
    swf: 'Count* Describe* GetWorkflowExecutionHistory List*',
  }),
  allow('Blockchain', {
    managedblockchain: `GetMember GetNetwork GetNode GetProposal ListInvitations ListMembers ListNetworks
      ListNodes ListProposal* ListProposals ListTagsForResource`,
    qldb: 'Describe* Get* List*',
  }),
  allow('BusinessApplications', {
    a4b: 'Get* List* Search*',
    appfabric: 'Get* List*',
    appstudio: 'Get*',
    chime: 'Get* List* RetrieveDataExports Search* Validate*',
    connect: `Describe* GetContactAttributes GetCurrent* GetFederationToken GetMetric* GetTaskTemplate
      GetTrafficDistribution List*`,
    'customer-verification': 'GetCustomer*',
    mobiletargeting: 'Get* List*',
    one: 'Get* ListDevice* ListSites ListUsers',
    ses: 'BatchGetMetricData Describe* Get* List*',
    'sms-voice': `DescribeAccount* DescribeConfigurationSets DescribeKeywords DescribeOpt*
      DescribeOptedOutNumbers DescribePhoneNumbers DescribePools DescribeProtectConfigurations DescribeRegistration*
      DescribeRegistrations* DescribeSenderIds DescribeSpendLimits DescribeVerifiedDestinationNumbers
      ListPoolOriginationIdentities ListTagsForResource`,
    workdocs: 'CheckAlias Describe* Get*',
    workmail: 'Describe* Get* List* SearchMembers',
  }),
  allow('DeveloperTools', {
    cloud9: 'Describe* List*',
    codeartifact: `DescribeDomain DescribePackage DescribePackageVersion DescribeRepository
      GetAuthorizationToken GetDomainPermissionsPolicy GetPackage* GetRepository* ListDomains ListPackageVersion*
      ListPackageVersions ListPackages ListRepositories* ListTagsForResource ReadFromRepository`,
    codebuild: 'BatchGet* Describe* List*',
    codecatalyst: `GetBillingAuthorization GetConnection GetPendingConnection ListConnections
      ListIamRolesForConnection ListTagsForResource`,
    codecommit: 'BatchGet* Describe* Get* GitPull List*',
    codeconnections: `GetConnection GetHost GetRepository* GetResourceSyncStatus GetSyncConfiguration
      ListConnections ListHosts ListRepository* ListSyncConfigurations ListTagsForResource`,
    codedeploy: 'Batch* Get* List*',
    'codeguru-profiler': 'DescribeProfilingGroup Get* List*',
    'codeguru-reviewer': 'Describe* GetMetricsData List*',
    codepipeline: 'Get* List*',
    codestar: 'Describe* GetExtendedAccess List* VerifyServiceRole',
    'codestar-connections': `GetConnection GetHost GetRepository* GetResourceSyncStatus GetSyncConfiguration
      ListConnections ListHosts ListRepository* ListSyncConfigurations ListTagsForResource`,
    fis: 'GetAction GetExperiment* GetTarget* List*',
    xray: 'Batch* CancelTraceRetrieval Get* List* StartTraceRetrieval',
  }),
  allow('EndUserComputing', {
    appstream: 'Describe* List*',
    workspaces: 'Describe*',
    'workspaces-web': `GetBrowserSettings GetIdentityProvider GetNetworkSettings GetPortal* GetTrustStore
      GetUser* ListBrowserSettings ListIdentityProviders ListNetworkSettings ListPortals ListTagsForResource
      ListTrustStores ListUser*`,
  }),
  allow('FrontEndWebAndMobile', {
    amplify: `GetApp GetBackendEnvironment GetBranch GetDomainAssociation GetJob GetWebHook ListApps
      ListArtifacts ListBackendEnvironments ListBranches ListDomainAssociations ListJobs ListTagsForResource
      ListWebHooks`,
    appsync: 'Get* List*',
    devicefarm: 'Get* List*',
    mobileanalytics: 'Get*',
    uxc: 'Get* ListServices',
  }),
  allow('GameTech', {
    gamelift: 'Describe* Get* List* ResolveAlias SearchGameSessions',
    gameliftstreams: `GetApplication GetStreamGroup ListApplications ListStreamGroups ListStreamSessions*
      ListTagsForResource`,
  }),
  allow('InternetOfThings', {
    freertos: 'Describe* List*',
    greengrass: 'DescribeComponent Get* List*',
    iot: 'Describe* Get* List*',
    iotanalytics: 'Describe* GetDatasetContent List* SampleChannelData',
    iotevents: `DescribeAlarm* DescribeDetector DescribeDetectorModel DescribeInput DescribeLoggingOptions
      ListAlarm* ListAlarms ListDetector* ListDetectors ListInputs ListTagsForResource`,
    iotfleethub: 'DescribeApplication ListApplications',
    iotfleetwise: `GetCampaign GetDecoderManifest GetFleet GetLoggingOptions GetModelManifest
      GetRegisterAccountStatus GetSignalCatalog GetVehicle* ListCampaigns ListDecoder* ListFleets* ListModel*
      ListSignal* ListTagsForResource ListVehicles*`,
    iotsitewise: 'Describe* Get* List*',
    iotwireless: 'Get* List*',
  }),
  allow('MachineLearningAndAi', {
    aidevops: `DescribePrivateConnection DescribeServices GetAccountUsage GetAgentSpace GetAssociation
      GetBacklogTask GetKnowledgeItem GetOperatorApp GetRecommendation GetService ListAgentSpaces ListAssociations
      ListBacklogTasks ListChats ListExecutions ListGoals ListJournalRecords ListKnowledge* ListPendingMessages
      ListPrivateConnections ListRecommendations ListServices ListTagsForResource ListWebhooks
      SearchServiceAccessibleResource`,
    aiops: `GetEphemeralInvestigationResults GetFact* GetInvestigation GetInvestigationEvent
      GetInvestigationGroup GetInvestigationResource GetReport ListFacts ListInvestigation* ListInvestigations
      ValidateInvestigationGroup`,
    bedrock: `GetAgent GetAgentActionGroup GetAgentAlias GetAgentCollaborator GetAgentKnowledgeBase
      GetAgentVersion GetCustomModel GetDataSource GetEvaluationJob GetFlow GetFlowAlias GetFlowVersion GetFoundation*
      GetGuardrail GetInferenceProfile GetIngestionJob GetKnowledgeBase GetModelCustomizationJob GetModelInvocation*
      GetPrompt GetProvisionedModelThroughput GetResourcePolicy GetUseCaseForModelAccess ListAgent* ListAgents
      ListCustomModels ListDataSources ListEnforcedGuardrailsConfiguration ListEvaluationJobs ListFlowAliases
      ListFlowVersions ListFlows ListFoundation* ListGuardrails ListInferenceProfiles ListIngestionJobs
      ListKnowledgeBases ListModelCustomizationJobs ListModelInvocationJobs ListPrompts
      ListProvisionedModelThroughputs`,
    'bedrock-agentcore': `GetABTest GetAgentRuntime* GetApiKeyCredentialProvider GetBatchEvaluation GetBrowser*
      GetCode* GetConfiguration* GetEvaluator GetEvent GetGateway GetGatewayTarget GetHarness* GetMemory*
      GetOauth2CredentialProvider GetOnlineEvaluationConfig GetPolicy GetPolicyEngine GetPolicyGeneration
      GetRecommendation GetTokenVault GetWorkloadIdentity ListABTests ListAgentRuntimeEndpoints
      ListAgentRuntimeVersions ListAgentRuntimes ListApiKeyCredentialProviders ListBatchEvaluations ListBrowser*
      ListBrowsers* ListCode* ListConfiguration* ListEvaluators ListEvents ListGatewayTargets ListGateways
      ListHarnessEndpoints ListHarnesses ListMemories ListMemoryRecords ListOauth2CredentialProviders
      ListOnlineEvaluationConfigs ListPolicies ListPolicyEngines ListPolicyGenerationAssets ListPolicyGenerations
      ListRecommendations ListTagsForResource ListWorkloadIdentities RetrieveMemoryRecords`,
    'cleanrooms-ml': `GetAudience* GetConfiguredAudience* GetTrainingDataset ListAudience*
      ListConfiguredAudienceModels ListTagsForResource ListTrainingDatasets`,
    codewhisperer: 'ListProfiles',
    comprehend: 'Batch* ClassifyDocument ContainsPiiEntities Describe* Detect* List*',
    'devops-guru': 'Describe* Get* List* SearchInsights StartCostEstimation',
    forecast: `DescribeAutoPredictor DescribeDataset* DescribeExplainability* DescribeForecast
      DescribeForecastExportJob DescribeMonitor DescribePredictor* DescribeWhat* GetAccuracyMetrics ListDataset*
      ListDatasets ListExplainabilities ListExplainabilityExports ListForecast* ListForecasts ListMonitor*
      ListMonitors ListPredictor* ListPredictors ListWhat* Query*`,
    frauddetector: `BatchGetVariable Describe* GetBatchImportJobs GetBatchPredictionJobs
      GetDeleteEventsByEventTypeStatus GetDetector* GetDetectors GetEntityTypes GetEvent GetEventPredictionMetadata
      GetEventTypes GetExternalModels GetKMSEncryptionKey GetLabels GetList* GetListsMetadata GetModel* GetModels
      GetOutcomes GetRules GetVariables List*`,
    healthlake: `DescribeFHIRDatastore DescribeFHIRExportJob DescribeFHIRImportJob GetCapabilities ListFHIR*
      ListTagsForResource ReadResource SearchWith*`,
    kendra: `BatchGetDocumentStatus DescribeDataSource DescribeExperience DescribeFaq DescribeIndex
      DescribePrincipalMapping DescribeQuery* DescribeThesaurus Get* ListData* ListEntityPersonas ListExperience*
      ListExperiences ListFaqs ListGroupsOlderThanOrderingId ListIndices ListQuerySuggestionsBlockLists
      ListTagsForResource ListThesauri Query`,
    lex: `DescribeBot DescribeBotAlias DescribeBotChannel DescribeBotLocale DescribeBotReplica
      DescribeBotVersion DescribeExport DescribeImport DescribeIntent DescribeResourcePolicy DescribeSlot* Get*
      ListBotAlias* ListBotAliases ListBotChannels ListBotLocales ListBotReplicas ListBotVersion* ListBotVersions
      ListBots ListBuilt* ListExports ListImports ListIntents ListSlot* ListSlots ListTagsForResource`,
    lookoutequipment: 'Describe* Describelabel* List*',
    lookoutmetrics: 'Describe* Get* List*',
    lookoutvision: `DescribeDataset DescribeModel* DescribeProject ListDatasetEntries ListModel* ListModels
      ListProjects ListTagsForResource`,
    machinelearning: 'Describe* Get*',
    monitron: 'Get* ListProjects ListTagsForResource',
    omics: 'Get* List*',
    personalize: 'Describe* Get* List*',
    polly: 'DescribeVoices Get* List* SynthesizeSpeech',
    qbusiness: `GetApplication GetChatControlsConfiguration GetDataSource GetGroup GetIndex GetPlugin
      GetRetriever GetUser GetWebExperience ListApplications ListDataSource* ListDataSources* ListGroups ListIndices
      ListPlugins ListRetrievers ListSubscriptions ListTagsForResource ListWebExperiences`,
    rekognition: `CompareFaces DescribeDataset DescribeProject* DescribeProjects DescribeStreamProcessor Detect*
      GetCelebrity* GetContentModeration GetFaceDetection GetFaceSearch GetLabelDetection GetPersonTracking
      GetSegmentDetection GetTextDetection List* RecognizeCelebrities Search*`,
    sagemaker: 'Describe* GetSearchSuggestions List* Search',
    transcribe: 'Get* List*',
    translate: 'DescribeTextTranslationJob Get* ListParallelData ListTerminologies ListTextTranslationJobs',
  }),
  allow('Media', {
    deadline: `BatchGetJobEntity GetApplicationVersion GetBudget GetFarm GetFleet GetJob GetLicenseEndpoint
      GetLimit GetMonitor* GetQueue* GetSession* GetSessionsStatisticsAggregation GetStep GetStorage* GetTask
      GetVolume GetWorker List* Search*`,
    elastictranscoder: 'List* Read*',
    'elemental-appliances-software': 'Get* ListQuotes',
    'elemental-inference': 'ExportDictionaryEntries GetDictionary GetFeed ListDictionaries ListFeeds',
    ivs: `BatchGetChannel GetChannel GetComposition GetEncoderConfiguration GetIngestConfiguration
      GetParticipant GetPlayback* GetPublicKey GetRecordingConfiguration GetStage* GetStorageConfiguration GetStream
      GetStreamSession ListChannels ListCompositions ListEncoderConfigurations ListIngestConfigurations
      ListParticipantEvents ListParticipants ListPlayback* ListPublicKeys ListRecordingConfigurations ListStage*
      ListStages* ListStorageConfigurations ListStream* ListStreams* ListTagsForResource`,
    ivschat: 'Get* List*',
    mediaconnect: `DescribeFlow* DescribeGateway* DescribeOffering DescribeReservation
      DiscoverGatewayPollEndpoint GetRouterInput GetRouterNetworkInterface GetRouterOutput List*`,
    mediaconvert: 'DescribeEndpoints Get* List* Probe SearchJobs',
    medialive: `DescribeAccountConfiguration DescribeChannel* DescribeCluster DescribeInput* DescribeMultiplex*
      DescribeNetwork DescribeOffering DescribeReservation DescribeSchedule Get* ListChannels ListCloud* ListEvent*
      ListInput* ListInputs* ListMultiplexPrograms ListMultiplexes ListOfferings ListReservations ListSignalMaps
      ListTagsForResource`,
    mediapackage: 'Describe* List*',
    'mediapackage-vod': 'Describe* List*',
    mediapackagev2: `GetChannel* GetHeadObject GetObject GetOrigin* ListChannel* ListChannels
      ListOriginEndpoints ListTagsForResource`,
    mediastore: 'Describe* Get* List*',
    nimble: `GetEula GetFeatureMap GetLaunch* GetStreamingImage GetStreamingSession GetStudio* ListEula*
      ListEulas ListLaunch* ListStreamingImages ListStreamingSessions ListStudio* ListStudios ListTagsForResource`,
  }),
  allow('QuantumTechnologies', {
    braket: 'GetDevice GetJob GetQuantumTask Search*',
  }),
  allow('Satellite', {
    groundstation: 'Describe* GetConfig GetDataflowEndpointGroup GetMinuteUsage GetMissionProfile GetSatellite List*',
  }),
];
