package identity

import (
	"embed"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// The AWS managed policies for the services that Writ serves. The documents are
// Writ's own: they grant what the names and public descriptions of the policies state.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
//
//go:embed awsmanaged/*.json
var awsManagedFiles embed.FS

// awsOwner replaces the account in the ARNs of AWS managed policies.
const awsOwner = "aws"

// awsManagedSince is the date on which every AWS managed policy was created and last changed.
var awsManagedSince = time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)

// awsManagedDocuments holds the AWS managed policies by path and name: "/AdministratorAccess".
var awsManagedDocuments = readAWSManaged()

func readAWSManaged() map[string]string {
	documents := map[string]string{}
	files, err := awsManagedFiles.ReadDir("awsmanaged")
	if err != nil {
		panic(err) // the file is embedded
	}
	for _, f := range files {
		text, err := awsManagedFiles.ReadFile("awsmanaged/" + f.Name())
		if err != nil {
			panic(err) // the file is embedded
		}
		documents["/"+strings.TrimSuffix(f.Name(), ".json")] = strings.TrimSpace(string(text))
	}
	for _, role := range ServiceLinkedRoles {
		documents[serviceLinkedPath+role.Policy] = grantsNothing
	}
	return documents
}

// awsManaged returns the AWS managed policy at an ARN.
func awsManaged(arn string) (ManagedPolicy, bool) {
	partition, name, document, ok := findAWSManaged(arn)
	if !ok {
		return ManagedPolicy{}, false
	}
	return newAWSManaged(partition, name, document), true
}

// AWSManagedDocument returns the document of the AWS managed policy at an ARN, or false if Writ has none.
func AWSManagedDocument(arn string) (text string, ok bool) { return awsManagedDocument(arn) }

// awsManagedDocument returns the document of the AWS managed policy at an ARN.
func awsManagedDocument(arn string) (text string, ok bool) {
	partition, _, document, ok := findAWSManaged(arn)
	return inPartition(document, partition), ok
}

func findAWSManaged(arn string) (partition, name, document string, ok bool) {
	prefix, name, ok := strings.Cut(arn, ":iam::"+awsOwner+":policy")
	if !ok {
		return "", "", "", false
	}
	partition, isARN := strings.CutPrefix(prefix, "arn:")
	document, known := awsManagedDocuments[name]
	return partition, name, document, isARN && known
}

// inPartition returns the document of a policy with its ARNs changed to those of a partition.
func inPartition(document, partition string) string {
	if partition == "aws" {
		return document
	}
	return strings.ReplaceAll(document, `"arn:aws:`, `"arn:`+partition+`:`)
}

func newAWSManaged(partition, name, document string) ManagedPolicy {
	dir, base := path.Split(name)
	p := ManagedPolicy{
		Entity: Entity{
			ARN:     entityARN(PolicyKind, partition, awsOwner, dir, base),
			Account: awsOwner, Path: dir, Name: base,
			ID: stableID(idPrefixes[PolicyKind], name), CreatedAt: awsManagedSince,
		},
	}
	p.AddVersion(inPartition(document, partition), true, awsManagedSince)
	return p
}

// AWSManaged returns the AWS managed policies of a partition, ordered by ARN.
func AWSManaged(partition string) []ManagedPolicy {
	names := slices.SortedFunc(maps.Keys(awsManagedDocuments), strings.Compare)
	list := make([]ManagedPolicy, len(names))
	for i, name := range names {
		list[i] = newAWSManaged(partition, name, awsManagedDocuments[name])
	}
	return list
}
