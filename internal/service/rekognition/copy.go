package rekognition

import (
	"errors"
	"regexp"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// A copy requires the caller's own permission for the destination project and for the source version, and
// from another account also that of a policy of the source project. A Deny in a project policy also applies
// to callers of the source account.
// https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-copy-model-overview.html

// copyTarget returns the target of CopyProjectVersion: the source version, with the policies of the project
// that contains it. The project in the request is not trusted to be that one.
func (s *rekognition) copyTarget(c *operation.Call, in *CopyProjectVersionInput) (authz.Target, error) {
	source, sourceErr := parseName(in.SourceProjectVersionARN)
	project, projectErr := parseName(in.SourceProjectARN)
	destination, destinationErr := parseName(in.DestinationProjectARN)
	if err := errors.Join(sourceErr, projectErr, destinationErr); err != nil {
		return authz.Target{}, err // the model's patterns exclude it
	}
	switch {
	case !isLocal(c, source) || !isLocal(c, project) || !isLocal(c, destination):
		return authz.Target{}, notValid("The source and the destination must be in the region that is called, " + c.Region + ".")
	case source.project() != project.project():
		return authz.Target{}, notValid("SourceProjectVersionArn is not a version of the project SourceProjectArn.")
	}
	target := authz.Target{ARN: in.SourceProjectVersionARN, PolicyARN: "*", RequestTags: in.Tags}
	r, found, err := find(c, source.project())
	if found {
		target.PolicyARN = r.ARN
	}
	return target, err
}

// locate returns the target of a hypothetical request. The policies of a project apply only to copies of its
// versions.
func locate(c *operation.Call, action, arn string) (authz.Target, error) {
	target := authz.Target{ARN: arn, PolicyARN: "*"}
	n, err := parseName(arn)
	if err != nil || !strings.EqualFold(action, api.Name+":"+apiCopyProjectVersion.Name) {
		return target, nil
	}
	r, found, err := find(c, n.project())
	if found && r.ARN != arn {
		target.PolicyARN = r.ARN
	}
	return target, err
}

func (s *rekognition) copyProjectVersion(c *operation.Call, in *CopyProjectVersionInput) (*CopyProjectVersionOutput, error) {
	if !c.Caller.OwnsARN(in.DestinationProjectARN) {
		return nil, notOwner()
	}
	// The policies of the destination apply to its versions, not to copies into it.
	into := authz.Target{ARN: in.DestinationProjectARN, PolicyARN: "*", RequestTags: in.Tags}
	if err := c.Authorize(api.Name+":"+apiCopyProjectVersion.Name, into); err != nil {
		return nil, err
	}
	if _, _, err := read(c, in.SourceProjectARN); err != nil {
		return nil, err
	}
	_, r, source, err := load[versionRecord](c, in.SourceProjectVersionARN)
	if err != nil {
		return nil, err
	}
	n, _, destination, err := load[projectRecord](c, in.DestinationProjectARN)
	if err != nil {
		return nil, err
	}
	for _, feature := range []CustomizationFeature{*source.Feature, destination.Feature} {
		if err := checkCustomLabels(feature); err != nil {
			return nil, err
		}
	}
	if err := checkOutput(c, in.OutputConfig, in.KMSKeyID); err != nil {
		return nil, err
	}
	if status := source.status(s.lifecycle, r.CreatedAt, c.Now); !status.isComplete() {
		return nil, inUse("The source version cannot be copied: it is %s.", status)
	}
	n = n.newPart(versionType, in.VersionName, c.Now)
	v := versionRecord{ProjectVersionDescription: ProjectVersionDescription{
		OutputConfig:            in.OutputConfig,
		KMSKeyID:                in.KMSKeyID,
		SourceProjectVersionARN: &r.ARN,
		VersionDescription:      source.VersionDescription,
		Feature:                 source.Feature,
	}, Labels: source.Labels}
	if err := insert(c, n, v, in.Tags, versionExists(in.VersionName)); err != nil {
		return nil, err
	}
	return &CopyProjectVersionOutput{ProjectVersionARN: new(n.String())}, c.Tx.SetReferences(n.String(), []string{r.ARN})
}

// failCopies fails the incomplete copies of a version that is deleted.
func (s *rekognition) failCopies(c *operation.Call, source string) error {
	copies, err := c.Tx.ReferencedBy(source, 0)
	if err != nil {
		return err
	}
	for _, arn := range copies {
		r, err := c.Tx.Resource(arn)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		v, err := operation.Decode[versionRecord](r)
		if err != nil {
			return err
		}
		if v.status(s.lifecycle, r.CreatedAt, c.Now) != ProjectVersionStatusCopyingInProgress {
			continue
		}
		v.FailedAt, v.StatusMessage = c.Now, new("The source version was deleted before the copy was complete.")
		if err := update(c, r, v); err != nil {
			return err
		}
	}
	return nil
}

// checkOutput checks the form of the output location, since Writ has no S3 and writes nothing, and authorizes
// the key that would encrypt the results.
func checkOutput(c *operation.Call, out *OutputConfig, key *string) error {
	if out.S3Bucket == nil {
		return notValid("OutputConfig.S3Bucket must be given.")
	}
	if key == nil {
		return nil
	}
	if keyID.MatchString(*key) || keyAlias.MatchString(*key) {
		return checkKey(c, *key)
	}
	a, err := arn.Parse(*key)
	if err != nil || a.Service != "kms" || !keyResource.MatchString(a.Resource) {
		return notValid("KmsKeyId must be the id, the ARN, the alias or the alias ARN of a KMS key.")
	}
	if a.Partition != c.Partition || a.Region != c.Region {
		return notValid("The KMS key must be in the region that is called, " + c.Region + ".")
	}
	return checkKey(c, *key)
}

// checkKey authorizes the use of a key on behalf of the caller, for each operation that the service would
// perform. https://docs.aws.amazon.com/rekognition/latest/APIReference/API_CopyProjectVersion.html
func checkKey(c *operation.Call, name string) error {
	err := c.UseKeyVia(api.Name, name, "DescribeKey", "CreateGrant", "GenerateDataKey", "Decrypt")
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return notValid("The KMS key " + name + " cannot be used: " + e.Message)
	}
	return err
}

// The valid names of KMS keys. https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
var (
	keyID       = regexp.MustCompile(`^(mrk-)?[0-9a-fA-F-]{32,36}$`)
	keyAlias    = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]+$`)
	keyResource = regexp.MustCompile(`^(key/(mrk-)?[0-9a-fA-F-]{32,36}|alias/[a-zA-Z0-9/_-]+)$`)
)
