package imagebuilder

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// outputResources is what an available image has brought forth. Nothing of it exists:
// the ids follow from the image's ARN, so that they are the same in every answer.
func outputResources(r store.Resource, v *imageRecord) *OutputResources {
	if *v.Type == ImageTypeDocker {
		return &OutputResources{Containers: containers(r, v)}
	}
	return &OutputResources{Amis: amis(r, v)}
}

// amis are one AMI for each region of the distribution and each account there.
func amis(r store.Resource, v *imageRecord) []Ami {
	var list []Ami
	add := func(region, account string, config *AmiDistributionConfiguration) {
		ami := Ami{
			Region: &region,
			Image:  new(amiID(r.ARN, region, account)),
			Name:   new(*v.Name + " " + buildDate(r.CreatedAt)),
			State:  &ImageState{Status: new(ImageStatusAvailable)},
		}
		if account != amazon {
			ami.AccountID = &account
		}
		if config != nil {
			ami.Description = config.Description
			if config.Name != nil {
				ami.Name = new(expand(*config.Name, r, v))
			}
		}
		list = append(list, ami)
	}
	if v.DistributionConfiguration == nil {
		add(r.Region, r.Account, nil)
		return list
	}
	for _, d := range v.DistributionConfiguration.Distributions {
		config := d.AmiDistributionConfiguration
		add(d.Region, r.Account, config)
		if config == nil {
			continue
		}
		for _, account := range config.TargetAccountIDs {
			add(d.Region, account, config)
		}
	}
	return list
}

// amiID is "ami-" and 17 hexadecimal digits.
func amiID(arn, region, account string) string {
	sum := sha256.Sum256([]byte(arn + " " + region + " " + account))
	return "ami-" + hex.EncodeToString(sum[:])[:17]
}

// buildDate is the date of a build as it is written in the names of AMIs.
func buildDate(t time.Time) string { return t.UTC().Format("2006-01-02T15-04-05.000Z") }

// expand replaces the variables in the name of an AMI.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/cr-upd-ami-distribution-settings.html
func expand(text string, r store.Resource, v *imageRecord) string {
	_, build, _ := strings.Cut(*v.Version, "/")
	return strings.NewReplacer(
		"{{ imagebuilder:buildDate }}", buildDate(r.CreatedAt),
		"{{imagebuilder:buildDate}}", buildDate(r.CreatedAt),
		"{{ imagebuilder:buildVersion }}", build,
		"{{imagebuilder:buildVersion}}", build,
	).Replace(text)
}

// containers are the images in the repositories of each region.
func containers(r store.Resource, v *imageRecord) []Container {
	tag := strings.ReplaceAll(*v.Version, "/", "-")
	push := func(region string, repository *TargetContainerRepository, tags []string) Container {
		uri := r.Account + ".dkr.ecr." + region + ".amazonaws.com/" + repository.RepositoryName + ":"
		c := Container{Region: &region, ImageURIs: []string{uri + "latest", uri + tag}}
		for _, tag := range tags {
			c.ImageURIs = append(c.ImageURIs, uri+tag)
		}
		return c
	}
	if v.DistributionConfiguration == nil {
		return []Container{push(r.Region, v.ContainerRecipe.TargetRepository, nil)}
	}
	var list []Container
	for _, d := range v.DistributionConfiguration.Distributions {
		if config := d.ContainerDistributionConfiguration; config != nil {
			list = append(list, push(d.Region, config.TargetRepository, config.ContainerTags))
		} else {
			list = append(list, push(d.Region, v.ContainerRecipe.TargetRepository, nil))
		}
	}
	return list
}
