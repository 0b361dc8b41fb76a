package catalog_test

import (
	"fmt"

	"github.com/writdev/writ/catalog"
)

func ExampleFindAction() {
	a, _ := catalog.FindAction("ssm:GetParameter")
	fmt.Println(a.FullName(), a.Access)
	for _, r := range a.Resources {
		fmt.Println(r.Type.Name, r.Type.ARN)
	}
	// Output:
	// ssm:GetParameter Read
	// parameter arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}
}

func ExampleMatch() {
	for a := range catalog.Match("sts:AssumeRole*") {
		fmt.Println(a.FullName())
	}
	// Output:
	// sts:AssumeRole
	// sts:AssumeRoleWithSAML
	// sts:AssumeRoleWithWebIdentity
}

func ExampleFindKey() {
	for _, name := range []string{"aws:sourceIP", "aws:ResourceTag/team", "s3:prefix", "aws:SourceAcount"} {
		k, ok := catalog.FindKey(name)
		if !ok {
			fmt.Println(name, "is no key")
			continue
		}
		fmt.Println(name, k.Name, k.Type)
	}
	// Output:
	// aws:sourceIP aws:SourceIp IPAddress
	// aws:ResourceTag/team aws:ResourceTag/${TagKey} String
	// s3:prefix s3:prefix String
	// aws:SourceAcount is no key
}

func ExampleResourceType_CanMatch() {
	s, _ := catalog.Lookup("s3")
	for _, t := range s.ResourceTypes {
		if t.CanMatch("arn:aws:s3:::reports/${aws:username}/*") {
			fmt.Println(t.Name)
		}
	}
	// Output:
	// object
}

func ExamplePartitions() {
	for _, p := range catalog.Partitions()[:2] {
		fmt.Println(p.Name, p.DNSSuffix, len(p.Regions))
	}
	// Output:
	// aws amazonaws.com 34
	// aws-cn amazonaws.com.cn 2
}
