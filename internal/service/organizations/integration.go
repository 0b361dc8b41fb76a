package organizations

import "strings"

// integrated are the service principals, without ".amazonaws.com", of the services that work
// with Organizations.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
var integrated = set(`
	access-analyzer account aiops.alarms.cloudwatch application-autoscaling application-signals.cloudwatch
	auditmanager aws-artifact-account-sync backup backupsearch bcm-recommended-actions bedrock
	billing-cost-management billing.console budgets cloudformation cloudtrail cloudwatch.observabilityadmin
	compute-optimizer config config-conforms config-multiaccountsetup controltower cost-optimization-hub.bcm
	cur databrew declarative-policies-ec2 declarative-policies.ec2 detective devops-guru ds ec2 eks
	ec2.image-allowlist fis fms freetier guardduty guardduty.malware-protection health iam identitystore
	imagebuilder inspector inspector2 inspector2.agentless internetmonitor ipam license-management.marketplace
	license-manager license-manager-linux-subscriptions license-manager-user-subscriptions
	license-manager.member-account macie malware-protection.guardduty managed-services member.org.stacksets.cloudformation
	mgn migrationhub network-firewall network-flow-monitor network-security-director networkmanager notifications
	observabilityadmin opsdatasync.ssm organizations policy.ec2 private-marketplace.marketplace q qapps
	quicksight ram ram.directory reachabilityanalyzer.networkinsights reporting.trustedadvisor
	resource-explorer-2 resourceexplorer s3 securityhub securitylake security-ir servicecatalog servicequotas
	shield signin sso ssm ssm-incidents ssm-quicksetup stacksets.cloudformation storage-lens.s3 support
	supportapp tagging tagpolicies.tag topology.networkflowmonitor transformation trustedadvisor upgrades
	user-subscriptions vpc-lattice waf wellarchitected workspaces`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(names) {
		all[name] = true
	}
	return all
}

// checkService returns an error for a service principal of no integrated service.
func checkService(name string) error {
	if service, ok := strings.CutSuffix(name, ".amazonaws.com"); !ok || !integrated[service] {
		return badInput("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
	}
	return nil
}
