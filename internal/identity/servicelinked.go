package identity

import "fmt"

// ServiceLinkedRole is the kind of role that an AWS service can have in an account: only that service can
// assume it and change its policies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
type ServiceLinkedRole struct {
	Name   string // of the role: "AWSServiceRoleForSupport"
	Policy string // the name of the AWS managed policy that is attached to it
	Suffix bool   // the name may have a suffix, so that an account can have several
}

// PolicyARN returns the ARN of the role's managed policy.
func (r ServiceLinkedRole) PolicyARN(partition string) string {
	return entityARN(PolicyKind, partition, awsOwner, serviceLinkedPath, r.Policy)
}

// ServiceRoleName returns the name of a service's role with a suffix, which may be "". For a service that has
// no role it returns a name that no role has.
func ServiceRoleName(service, suffix string) string {
	name := ServiceLinkedRoles[service].Name
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

// NewServiceLinkedRole returns the role of a service in ServiceLinkedRoles; it is not yet stored.
func NewServiceLinkedRole(partition, account, service, suffix string) Role {
	role := NewRole(partition, account, serviceLinkedPath+service+"/", ServiceRoleName(service, suffix))
	role.Service = service
	role.TrustPolicy = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":%q},"Action":"sts:AssumeRole"}]}`, service)
	role.Attached = []string{ServiceLinkedRoles[service].PolicyARN(partition)}
	return role
}

// serviceLinkedPath is the path of the managed policies of service-linked roles.
const serviceLinkedPath = "/aws-service-role/"

// grantsNothing replaces the documents of these policies: no service in Writ acts through such a role, so its
// policy need not allow anything.
const grantsNothing = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

// ServiceLinkedRoles holds the service-linked roles by service, with the names in the documentation of the
// services.
var ServiceLinkedRoles = map[string]ServiceLinkedRole{
	"access-analyzer.amazonaws.com":                         {"AWSServiceRoleForAccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false},
	"accountdiscovery.ssm.amazonaws.com":                    {"AWSServiceRoleForAmazonSSM_AccountDiscovery", "AWSSystemsManagerAccountDiscoveryServicePolicy", false},
	"acm.amazonaws.com":                                     {"AWSServiceRoleForCertificateManager", "CertificateManagerServiceRolePolicy", false},
	"appmesh.amazonaws.com":                                 {"AWSServiceRoleForAppMesh", "AWSAppMeshServiceRolePolicy", false},
	"appstream.application-autoscaling.amazonaws.com":       {"AWSServiceRoleForApplicationAutoScaling_AppStreamFleet", "AWSApplicationAutoscalingAppStreamFleetPolicy", false},
	"autoscaling-plans.amazonaws.com":                       {"AWSServiceRoleForAutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy", false},
	"autoscaling.amazonaws.com":                             {"AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", true},
	"backup.amazonaws.com":                                  {"AWSServiceRoleForBackup", "AWSBackupServiceLinkedRolePolicyForBackup", false},
	"batch.amazonaws.com":                                   {"AWSServiceRoleForBatch", "BatchServiceRolePolicy", false},
	"cassandra.application-autoscaling.amazonaws.com":       {"AWSServiceRoleForApplicationAutoScaling_CassandraTable", "AWSApplicationAutoscalingCassandraTablePolicy", false},
	"cks.kms.amazonaws.com":                                 {"AWSServiceRoleForKeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy", false},
	"cloudhsm.amazonaws.com":                                {"AWSServiceRoleForCloudHSM", "CloudHSMServiceRolePolicy", false},
	"cloudtrail.amazonaws.com":                              {"AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy", false},
	"codestar-notifications.amazonaws.com":                  {"AWSServiceRoleForCodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy", false},
	"comprehend.application-autoscaling.amazonaws.com":      {"AWSServiceRoleForApplicationAutoScaling_ComprehendEndpoint", "AWSApplicationAutoscalingComprehendEndpointPolicy", false},
	"compute-optimizer.amazonaws.com":                       {"AWSServiceRoleForComputeOptimizer", "ComputeOptimizerServiceRolePolicy", false},
	"config-conforms.amazonaws.com":                         {"AWSServiceRoleForConfigConforms", "ConfigConformsServiceRolePolicy", false},
	"config-multiaccountsetup.amazonaws.com":                {"AWSServiceRoleForConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy", false},
	"config.amazonaws.com":                                  {"AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy", false},
	"connect.amazonaws.com":                                 {"AWSServiceRoleForAmazonConnect", "AmazonConnectServiceLinkedRolePolicy", true},
	"custom-resource.application-autoscaling.amazonaws.com": {"AWSServiceRoleForApplicationAutoScaling_CustomResource", "AWSApplicationAutoScalingCustomResourcePolicy", false},
	"detective.amazonaws.com":                               {"AWSServiceRoleForDetective", "AmazonDetectiveServiceLinkedRolePolicy", false},
	"dms-fleet-advisor.amazonaws.com":                       {"AWSServiceRoleForDMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy", false},
	"dms.amazonaws.com":                                     {"AWSServiceRoleForDMSServerless", "AWSDMSServerlessServiceRolePolicy", false},
	"docdb-elastic.amazonaws.com":                           {"AWSServiceRoleForDocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy", false},
	"dynamodb.application-autoscaling.amazonaws.com":        {"AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy", false},
	"ec2-instance-connect.amazonaws.com":                    {"AWSServiceRoleForEc2InstanceConnect", "Ec2InstanceConnectEndpoint", false},
	"ec2.application-autoscaling.amazonaws.com":             {"AWSServiceRoleForApplicationAutoScaling_EC2SpotFleetRequest", "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy", false},
	"ec2fleet.amazonaws.com":                                {"AWSServiceRoleForEC2Fleet", "AWSEC2FleetServiceRolePolicy", false},
	"ecr.amazonaws.com":                                     {"AWSServiceRoleForECRTemplate", "ECRTemplateServiceRolePolicy", false},
	"ecs.amazonaws.com":                                     {"AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", false},
	"ecs.application-autoscaling.amazonaws.com":             {"AWSServiceRoleForApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy", false},
	"eks-connector.amazonaws.com":                           {"AWSServiceRoleForAmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy", false},
	"eks-fargate.amazonaws.com":                             {"AWSServiceRoleForAmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy", false},
	"eks-nodegroup.amazonaws.com":                           {"AWSServiceRoleForAmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup", false},
	"eks.amazonaws.com":                                     {"AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy", false},
	"elasticache.amazonaws.com":                             {"AWSServiceRoleForElastiCache", "ElastiCacheServiceRolePolicy", false},
	"elasticache.application-autoscaling.amazonaws.com":     {"AWSServiceRoleForApplicationAutoScaling_ElastiCacheRG", "AWSApplicationAutoscalingElastiCacheRGPolicy", false},
	"elasticbeanstalk.amazonaws.com":                        {"AWSServiceRoleForElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy", false},
	"elasticfilesystem.amazonaws.com":                       {"AWSServiceRoleForAmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy", false},
	"elasticloadbalancing.amazonaws.com":                    {"AWSServiceRoleForElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy", false},
	"elasticmapreduce.amazonaws.com":                        {"AWSServiceRoleForEMRCleanup", "AmazonEMRCleanupPolicy", false},
	"email.cognito-idp.amazonaws.com":                       {"AWSServiceRoleForAmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy", false},
	"emr-containers.amazonaws.com":                          {"AWSServiceRoleForAmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy", false},
	"emrwal.amazonaws.com":                                  {"AWSServiceRoleForEMRWAL", "EMRDescribeClusterPolicyForEMRWAL", false},
	"es.amazonaws.com":                                      {"AWSServiceRoleForAmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy", false},
	"events.amazonaws.com":                                  {"AWSServiceRoleForCloudWatchEvents", "CloudWatchEventsServiceRolePolicy", false},
	"fis.amazonaws.com":                                     {"AWSServiceRoleForFIS", "AmazonFISServiceRolePolicy", false},
	"fms.amazonaws.com":                                     {"AWSServiceRoleForFMS", "FMSServiceRolePolicy", false},
	"fsx.amazonaws.com":                                     {"AWSServiceRoleForAmazonFSx", "AmazonFSxServiceRolePolicy", false},
	"globalaccelerator.amazonaws.com":                       {"AWSServiceRoleForGlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy", false},
	"grafana.amazonaws.com":                                 {"AWSServiceRoleForAmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy", false},
	"guardduty.amazonaws.com":                               {"AWSServiceRoleForAmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false},
	"imagebuilder.amazonaws.com":                            {"AWSServiceRoleForImageBuilder", "AWSServiceRoleForImageBuilder", false},
	"inspector2.amazonaws.com":                              {"AWSServiceRoleForAmazonInspector2", "AmazonInspector2ServiceRolePolicy", false},
	"iotmanagedintegrations.amazonaws.com":                  {"AWSServiceRoleForIoTManagedIntegrations", "AWSIoTManagedIntegrationsRolePolicy", false},
	"kafka.amazonaws.com":                                   {"AWSServiceRoleForKafka", "KafkaServiceRolePolicy", false},
	"kafka.application-autoscaling.amazonaws.com":           {"AWSServiceRoleForApplicationAutoScaling_KafkaCluster", "AWSApplicationAutoscalingKafkaClusterPolicy", false},
	"kafkaconnect.amazonaws.com":                            {"AWSServiceRoleForKafkaConnect", "KafkaConnectServiceRolePolicy", false},
	"lakeformation.amazonaws.com":                           {"AWSServiceRoleForLakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy", false},
	"lambda.application-autoscaling.amazonaws.com":          {"AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency", "AWSApplicationAutoscalingLambdaConcurrencyPolicy", false},
	"lex.amazonaws.com":                                     {"AWSServiceRoleForLexBots", "AmazonLexBotPolicy", false},
	"lexv2.amazonaws.com":                                   {"AWSServiceRoleForLexV2Bots", "AmazonLexV2BotPolicy", true},
	"license-manager.amazonaws.com":                         {"AWSServiceRoleForAWSLicenseManagerRole", "AWSLicenseManagerServiceRolePolicy", false},
	"lightsail.amazonaws.com":                               {"AWSServiceRoleForLightsail", "LightsailExportAccess", false},
	"logger.cloudfront.amazonaws.com":                       {"AWSServiceRoleForCloudFrontLogger", "AWSCloudFrontLogger", false},
	"m2.amazonaws.com":                                      {"AWSServiceRoleForAWSM2", "AWSM2ServicePolicy", false},
	"macie.amazonaws.com":                                   {"AWSServiceRoleForAmazonMacie", "AmazonMacieServiceRolePolicy", false},
	"member.org.stacksets.cloudformation.amazonaws.com":     {"AWSServiceRoleForCloudFormationStackSetsOrgMember", "CloudFormationStackSetsOrgMemberServiceRolePolicy", false},
	"memorydb.amazonaws.com":                                {"AWSServiceRoleForMemoryDB", "MemoryDBServiceRolePolicy", false},
	"mq.amazonaws.com":                                      {"AWSServiceRoleForAmazonMQ", "AmazonMQServiceRolePolicy", false},
	"mrk.kms.amazonaws.com":                                 {"AWSServiceRoleForKeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy", false},
	"neptune.application-autoscaling.amazonaws.com":         {"AWSServiceRoleForApplicationAutoScaling_NeptuneCluster", "AWSApplicationAutoscalingNeptuneClusterPolicy", false},
	"network-firewall.amazonaws.com":                        {"AWSServiceRoleForNetworkFirewall", "AWSNetworkFirewallServiceRolePolicy", false},
	"networkmanager.amazonaws.com":                          {"AWSServiceRoleForNetworkManager", "AWSNetworkManagerServiceRolePolicy", false},
	"notifications.amazonaws.com":                           {"AWSServiceRoleForAwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy", false},
	"observability.aoss.amazonaws.com":                      {"AWSServiceRoleForAmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy", false},
	"opensearchservice.amazonaws.com":                       {"AWSServiceRoleForAmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy", false},
	"ops.apigateway.amazonaws.com":                          {"AWSServiceRoleForAPIGateway", "APIGatewayServiceRolePolicy", false},
	"ops.emr-serverless.amazonaws.com":                      {"AWSServiceRoleForAmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy", false},
	"opsdatasync.ssm.amazonaws.com":                         {"AWSServiceRoleForSystemsManagerOpsDataSync", "AWSSystemsManagerOpsDataSyncServiceRolePolicy", false},
	"opsinsights.ssm.amazonaws.com":                         {"AWSServiceRoleForAmazonSSM_OpsInsights", "AWSSSMOpsInsightsServiceRolePolicy", false},
	"organizations.amazonaws.com":                           {"AWSServiceRoleForOrganizations", "AWSOrganizationsServiceTrustPolicy", false},
	"pullthroughcache.ecr.amazonaws.com":                    {"AWSServiceRoleForECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy", false},
	"ram.amazonaws.com":                                     {"AWSServiceRoleForResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy", false},
	"rds.amazonaws.com":                                     {"AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy", false},
	"rds.application-autoscaling.amazonaws.com":             {"AWSServiceRoleForApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy", false},
	"redshift.amazonaws.com":                                {"AWSServiceRoleForRedshift", "AmazonRedshiftServiceLinkedRolePolicy", false},
	"replication.cassandra.amazonaws.com":                   {"AWSServiceRoleForKeyspacesReplication", "KeyspacesReplicationServiceRolePolicy", false},
	"replication.dynamodb.amazonaws.com":                    {"AWSServiceRoleForDynamoDBReplication", "DynamoDBReplicationServiceRolePolicy", false},
	"replication.ecr.amazonaws.com":                         {"AWSServiceRoleForECRReplication", "ECRReplicationServiceRolePolicy", false},
	"replicator.lambda.amazonaws.com":                       {"AWSServiceRoleForLambdaReplicator", "AWSLambdaReplicator", false},
	"repository.sync.codeconnections.amazonaws.com":         {"AWSServiceRoleForGitSync", "AWSGitSyncServiceRolePolicy", false},
	"resource-explorer-2.amazonaws.com":                     {"AWSServiceRoleForResourceExplorer", "AWSResourceExplorerServiceRolePolicy", false},
	"rolesanywhere.amazonaws.com":                           {"AWSServiceRoleForRolesAnywhere", "AWSRolesAnywhereServicePolicy", false},
	"s3-outposts.amazonaws.com":                             {"AWSServiceRoleForS3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy", false},
	"sagemaker.application-autoscaling.amazonaws.com":       {"AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint", "AWSApplicationAutoscalingSageMakerEndpointPolicy", false},
	"securityhub.amazonaws.com":                             {"AWSServiceRoleForSecurityHub", "AWSSecurityHubServiceRolePolicy", false},
	"securitylake.amazonaws.com":                            {"AWSServiceRoleForSecurityLake", "SecurityLakeServiceLinkedRole", false},
	"servicequotas.amazonaws.com":                           {"AWSServiceRoleForServiceQuotas", "ServiceQuotasServiceRolePolicy", false},
	"ses.amazonaws.com":                                     {"AWSServiceRoleForAmazonSES", "AmazonSESServiceRolePolicy", false},
	"shield.amazonaws.com":                                  {"AWSServiceRoleForAWSShield", "AWSShieldServiceRolePolicy", false},
	"spot.amazonaws.com":                                    {"AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", false},
	"spotfleet.amazonaws.com":                               {"AWSServiceRoleForEC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false},
	"ssm-incidents.amazonaws.com":                           {"AWSServiceRoleForIncidentManager", "AWSIncidentManagerServiceRolePolicy", false},
	"ssm-quicksetup.amazonaws.com":                          {"AWSServiceRoleForSSMQuickSetup", "SSMQuickSetupRolePolicy", false},
	"ssm.amazonaws.com":                                     {"AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy", false},
	"sso.amazonaws.com":                                     {"AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy", false},
	"stacksets.cloudformation.amazonaws.com":                {"AWSServiceRoleForCloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy", false},
	"support.amazonaws.com":                                 {"AWSServiceRoleForSupport", "AWSSupportServiceRolePolicy", false},
	"transitgateway.amazonaws.com":                          {"AWSServiceRoleForVPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy", false},
	"trustedadvisor.amazonaws.com":                          {"AWSServiceRoleForTrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy", false},
	"vpcorigin.cloudfront.amazonaws.com":                    {"AWSServiceRoleForCloudFrontVPCOrigin", "AWSCloudFrontVPCOriginServiceRolePolicy", false},
	"waf.amazonaws.com":                                     {"AWSServiceRoleForWAFLogging", "WAFLoggingServiceRolePolicy", false},
	"wafv2.amazonaws.com":                                   {"AWSServiceRoleForWAFV2Logging", "WAFV2LoggingServiceRolePolicy", false},
}
