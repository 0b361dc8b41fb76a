package main

// The policy documents that apply to the assumed role: short ones that decide the
// request, and two with the size and shape of policies that roles of build pipelines
// often have. These do not match requests for images and add the cost of evaluating them.
const (
	// everything is a service control policy that allows every action.
	everything = `{"Version": "2012-10-17", "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}]}`

	// assume is a policy of the user and trust the role trust policy that together let
	// the user assume the role.
	assume = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "` + roleARN + `"}]}`
	trust  = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
  "Principal": {"AWS": "arn:aws:iam::` + account + `:root"}}]}`

	boundary    = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["imagebuilder:*", "s3:*"], "Resource": "*"}]}`
	imagePolicy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "imagebuilder:Get*", "Resource": "*"}]}`
)

const bucketPolicy = `{"Version": "2012-10-17", "Statement": [
  {"Sid": "Look", "Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "Resource": "*"},
  {"Sid": "ListHome", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::build-home",
    "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}},
  {"Sid": "UseHome", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    "Resource": "arn:aws:s3:::build-home/home/${aws:username}/*"},
  {"Sid": "ReadArtifacts", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": ["arn:aws:s3:::build-artifacts/*", "arn:aws:s3:::build-artifacts-*/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
  {"Sid": "WriteSealedArtifacts", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::build-artifacts/*",
    "Condition": {"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}},
  {"Sid": "KeepPrivate", "Effect": "Deny", "Action": ["s3:PutObjectAcl", "s3:PutBucketAcl"], "Resource": "*",
    "Condition": {"StringEquals": {"s3:x-amz-acl": ["public-read", "public-read-write", "authenticated-read"]}}},
  {"Sid": "KeepLogs", "Effect": "Deny", "Action": ["s3:DeleteObject*", "s3:PutLifecycleConfiguration"],
    "Resource": ["arn:aws:s3:::build-logs", "arn:aws:s3:::build-logs/*"]},
  {"Sid": "OnlyEncrypted", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::build-*",
    "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
  {"Sid": "TagOwn", "Effect": "Allow", "Action": ["s3:PutObjectTagging", "s3:GetObjectTagging"], "Resource": "arn:aws:s3:::build-artifacts/*",
    "Condition": {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team", "stage", "cost-center"]}}},
  {"Sid": "FromTheOffice", "Effect": "Allow", "Action": "s3:RestoreObject", "Resource": "arn:aws:s3:::build-archive/*",
    "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}}}]}`

const instancePolicy = `{"Version": "2012-10-17", "Statement": [
  {"Sid": "Look", "Effect": "Allow", "Action": ["ec2:Describe*", "ec2:GetConsoleOutput"], "Resource": "*"},
  {"Sid": "LaunchSmall", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:` + account + `:instance/*",
    "Condition": {"StringEquals": {"ec2:InstanceType": ["t3.micro", "t3.small", "t4g.small"]}}},
  {"Sid": "LaunchFromOurs", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*::image/ami-*",
    "Condition": {"StringEquals": {"ec2:Owner": "` + account + `"}}},
  {"Sid": "LaunchInto", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": [
    "arn:aws:ec2:*:` + account + `:subnet/*", "arn:aws:ec2:*:` + account + `:network-interface/*", "arn:aws:ec2:*:` + account + `:security-group/*",
    "arn:aws:ec2:*:` + account + `:volume/*", "arn:aws:ec2:*:` + account + `:key-pair/build-*"]},
  {"Sid": "TagAtLaunch", "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "arn:aws:ec2:*:` + account + `:*/*",
    "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}, "StringLike": {"aws:RequestTag/team": "build-*"}}},
  {"Sid": "StopOwn", "Effect": "Allow", "Action": ["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"],
    "Resource": "arn:aws:ec2:*:` + account + `:instance/*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}},
  {"Sid": "Snapshot", "Effect": "Allow", "Action": ["ec2:CreateImage", "ec2:CreateSnapshot"], "Resource": "*",
    "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2", "eu-central-1"]}}},
  {"Sid": "OnlyNewMetadata", "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*",
    "Condition": {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}},
  {"Sid": "OnlySealedVolumes", "Effect": "Deny", "Action": ["ec2:CreateVolume", "ec2:RunInstances"], "Resource": "arn:aws:ec2:*:*:volume/*",
    "Condition": {"Bool": {"ec2:Encrypted": "false"}}},
  {"Sid": "LeaveNetworkAlone", "Effect": "Deny", "Action": ["ec2:*Vpc*", "ec2:*Route*", "ec2:*Gateway*"], "NotResource": "arn:aws:ec2:*:` + account + `:vpc/vpc-0123456789abcdef0"}]}`
