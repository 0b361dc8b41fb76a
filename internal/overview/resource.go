package overview

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// types lists the types of rows that are resources of their own, by service. Other rows belong to one of
// them, or are principals, shares and parts of an organization.
var types = map[string][]string{
	"ssm": {"parameter", "document", "opsitem"},
	"imagebuilder": {
		"component", "image", "image-recipe", "container-recipe", "infrastructure-configuration",
		"distribution-configuration", "image-pipeline", "workflow/build", "workflow/test", "workflow/distribution",
	},
	"rekognition":     {"project", "projectversion", "dataset"},
	"kms":             {"key"},
	"secretsmanager":  {"secret"},
	"access-analyzer": {"analyzer"},
	"iam":             {"role"},
}

// readActions holds the actions that read a resource of a type that RAM does not share.
var readActions = map[string]string{"kms:key": "kms:Decrypt", "iam:role": "sts:AssumeRole", "secretsmanager:secret": "secretsmanager:GetSecretValue"}

func (r *reader) readResources() error {
	for service, list := range types {
		for row, err := range r.tx.Resources(store.Query{Service: service}) {
			if err != nil {
				return err
			}
			if !slices.Contains(list, row.Type) {
				continue
			}
			key, err := r.encryptionKey(row)
			if err != nil {
				return err
			}
			details, err := rowDetails(row)
			if err != nil {
				return err
			}
			r.account(row.Account)
			r.out.Resources = append(r.out.Resources, Resource{
				ARN: row.ARN, Service: row.Service, Type: row.Type, Account: row.Account, Region: row.Region, Name: row.Name,
				Created: row.CreatedAt, Updated: row.UpdatedAt, Read: readAction(row), Details: details, Key: key,
			})
		}
	}
	return nil
}

func readAction(row store.Resource) string {
	if t, ok := sharing.TypeOf(row.ARN); ok {
		return t.GetAction
	}
	return readActions[row.Service+":"+row.Type]
}

// encryptionKey returns the ARN of the key that encrypts a SecureString or a secret, or "" for other resources and
// for a deleted key.
func (r *reader) encryptionKey(row store.Resource) (string, error) {
	name, err := keyName(row)
	if err != nil || name == "" {
		return "", err
	}
	if !strings.HasPrefix(name, "arn:") {
		a, err := arn.Parse(row.ARN)
		if err != nil {
			return "", err
		}
		if !strings.HasPrefix(name, "alias/") {
			name = "key/" + name
		}
		name = "arn:" + a.Partition + ":kms:" + row.Region + ":" + row.Account + ":" + name
	}
	if !strings.Contains(name, ":alias/") {
		return name, nil
	}
	found, err := r.tx.Resource(name)
	if err != nil {
		return name, nil // a predefined alias has no key before its first use
	}
	var alias struct{ Target string }
	if err := json.Unmarshal(found.Data, &alias); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return alias.Target, nil
}

// keyName returns the key of a resource as its owner named it, or "" for a resource that no key encrypts.
func keyName(row store.Resource) (string, error) {
	var encrypted struct{ Type, KeyID string }
	switch row.Service + ":" + row.Type {
	case "ssm:parameter", "secretsmanager:secret":
		if err := json.Unmarshal(row.Data, &encrypted); err != nil {
			return "", fmt.Errorf("read %s: %w", row.ARN, err)
		}
	}
	switch {
	case row.Service == "secretsmanager":
		return cmp.Or(encrypted.KeyID, "alias/aws/secretsmanager"), nil
	case encrypted.Type == "SecureString":
		return encrypted.KeyID, nil
	}
	return "", nil
}
