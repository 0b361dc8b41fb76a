package policy

// rcpServices lists the prefixes of the services that support RCPs.
//
// List:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
var rcpServices = [...]string{
	"aoss", "appconfig", "appstream", "autoscaling", "cloudfront", "cloudsearch", "codebuild",
	"codecommit", "codepipeline", "cognito-identity", "cognito-idp", "comprehend",
	"comprehendmedical", "cost-optimization-hub", "dax", "dynamodb", "ecr", "events",
	"firehose", "fis", "health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs",
	"memorydb", "networkmonitor", "opensearch", "pca-connector-ad", "polly", "pricing", "s3",
	"secretsmanager", "signin", "sqs", "sts", "support", "textract", "timestream-influxdb",
	"transcribe", "transfer", "translate", "wafv2",
}

// supportsRCP reports whether RCPs apply to resources of the service.
func supportsRCP(service string) bool {
	for _, s := range rcpServices {
		if equalFold(s, service) {
			return true
		}
	}
	return false
}
