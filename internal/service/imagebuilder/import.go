package imagebuilder

import (
	"regexp"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
)

// Images that are imported are not built. Their actions are authorized on the version that
// the import makes a build of.

// imageSlug is what the name of an image comes to in its ARN.
var imageSlug = regexp.MustCompile(`^[a-z0-9-_]+$`)

// importTarget is the target of an import: the version of an image.
func importTarget(c *operation.Call, displayName, version string, tags map[string]string) (authz.Target, error) {
	return createTarget(newName(c, imageType, displayName, version), nil, tags)
}

func (s *imageBuilder) importVmImageTarget(c *operation.Call, in *ImportVmImageInput) (authz.Target, error) {
	return importTarget(c, in.Name, in.SemanticVersion, in.Tags)
}

func (s *imageBuilder) importDiskImageTarget(c *operation.Call, in *ImportDiskImageInput) (authz.Target, error) {
	return importTarget(c, in.Name, in.SemanticVersion, in.Tags)
}

// importVmImage makes an image of an import task of EC2, which is not looked for.
func (s *imageBuilder) importVmImage(c *operation.Call, in *ImportVmImageInput) (*ImportVmImageOutput, error) {
	out, err := once(c, apiImportVmImage.Name, in.ClientToken, in, func() (*ImportVmImageOutput, error) {
		n, err := s.addImported(c, in.SemanticVersion, imageRecord{
			Image: Image{
				Name:                 &in.Name,
				Platform:             &in.Platform,
				OsVersion:            in.OsVersion,
				BuildType:            new(BuildTypeImport),
				LoggingConfiguration: in.LoggingConfiguration,
			},
			Attempts: []attempt{{}},
		}, in.Tags)
		if err != nil {
			return nil, err
		}
		return &ImportVmImageOutput{ClientToken: &in.ClientToken, ImageARN: new(n.String())}, nil
	})
	if err != nil {
		return nil, err
	}
	out.RequestID = &c.RequestID
	return out, nil
}

// What ImportDiskImage takes.
// https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportDiskImage.html
const (
	diskPlatform  = "Windows"
	diskOSVersion = "Microsoft Windows 11"
)

// importDiskImage makes an image of an ISO file, which is not read.
func (s *imageBuilder) importDiskImage(c *operation.Call, in *ImportDiskImageInput) (*ImportDiskImageOutput, error) {
	return once(c, apiImportDiskImage.Name, in.ClientToken, in, func() (*ImportDiskImageOutput, error) {
		switch options := in.RegisterImageOptions; {
		case in.Platform != diskPlatform:
			return nil, notValid("platform", "It must be "+diskPlatform+".")
		case in.OsVersion != diskOSVersion:
			return nil, notValid("osVersion", "It must be "+diskOSVersion+".")
		case !s3URI.MatchString(in.URI):
			return nil, notValid("uri", "It must have the form s3://bucket/key.")
		case options != nil && options.UefiData != nil && options.SecureBootEnabled != nil && !*options.SecureBootEnabled:
			return nil, errInvalidParameterCombination("'uefiData' can only be given where 'secureBootEnabled' is true.")
		}
		if err := passRole(c, in.ExecutionRole); err != nil {
			return nil, err
		}
		infrastructure, err := s.loadAuthorized(c, "GetInfrastructureConfiguration", "infrastructureConfigurationArn", in.InfrastructureConfigurationARN)
		if err == nil && infrastructure.Account != c.Account() { // where the gate refuses nothing
			err = notValid("infrastructureConfigurationArn", "It belongs to another account.")
		}
		if err != nil {
			return nil, err
		}
		runs, _, err := s.runs(c, nil, defaultWorkflows(c, ImageTypeAmi, nil))
		if err != nil {
			return nil, err
		}
		configuration, err := operation.Decode[InfrastructureConfiguration](infrastructure)
		if err != nil {
			return nil, err
		}
		n, err := s.addImported(c, in.SemanticVersion, imageRecord{
			Image: Image{
				Name:                        &in.Name,
				Platform:                    new(PlatformWindows),
				OsVersion:                   &in.OsVersion,
				BuildType:                   new(BuildTypeImportIso),
				ExecutionRole:               in.ExecutionRole,
				InfrastructureConfiguration: configuration,
				LoggingConfiguration:        in.LoggingConfiguration,
			},
			Attempts: []attempt{{Runs: runs}},
		}, in.Tags)
		if err != nil {
			return nil, err
		}
		return &ImportDiskImageOutput{ClientToken: &in.ClientToken, ImageBuildVersionARN: new(n.String())}, nil
	})
}

var s3URI = regexp.MustCompile(`^s3://[^/]+/.+$`)

// addImported stores an image as the next build of a version.
func (s *imageBuilder) addImported(c *operation.Call, version string, v imageRecord, tags map[string]string) (name, error) {
	if !imageSlug.MatchString(slug(*v.Name)) {
		return name{}, notValid("name", "It must consist of letters, digits, blanks, '-' and '_'.")
	}
	if _, err := parseVersion(version); err != nil {
		return name{}, err
	}
	n, err := nextBuild(c, newName(c, imageType, *v.Name, version))
	if err != nil {
		return name{}, err
	}
	v.ARN, v.Version, v.DateCreated = new(n.String()), versionAndBuild(n), timestamp(c.Now)
	v.Type, v.ImageSource = new(ImageTypeAmi), new(ImageSourceImported)
	return n, insert(c, n, *v.Name, v, tags, v.references(c))
}
