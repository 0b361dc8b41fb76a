package ssm

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// A parameter can refer to a secret of the caller in Secrets Manager. Reading it requires both permissions:
// for the parameter of that name, which the row checks, and for the secret, including its KMS key.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html

// secretPath is the prefix of the names that refer to secrets.
const secretPath = "/aws/reference/secretsmanager/"

// isSecret reports whether a name is a reference to a secret of Secrets Manager.
func isSecret(name string) bool { return strings.HasPrefix(name, secretPath) }

// versionID matches version ids, which are not labels.
var versionID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// getSecret returns the parameter for a reference to a secret; the selector is a version id or a label.
func getSecret(c *operation.Call, r reference) (*Parameter, error) {
	name := strings.TrimPrefix(r.Name, secretPath)
	f, err := secrets.FindCached(c, name)
	if err != nil {
		return nil, err
	}
	target := secrets.Target(f, name)
	operation.SetVia(target.Keys, api.Name)
	var id, stage *string
	switch {
	case r.selected && versionID.MatchString(r.Selector):
		id = &r.Selector
		target.Keys["secretsmanager:VersionId"] = []string{*id}
	case r.selected:
		stage = &r.Selector
		target.Keys["secretsmanager:VersionStage"] = []string{*stage}
	}
	if err := c.Authorize("secretsmanager:GetSecretValue", target); err != nil {
		return nil, err
	}
	s := f.Secret
	if s == nil || s.IsDeleted() {
		return nil, notFound(r.Name)
	}
	v, _ := s.Select(id, stage)
	if v == nil {
		return nil, notFound(r.text())
	}
	value, err := s.Open(c, v)
	if err != nil {
		return nil, keyError(c, err, textCiphertext)
	}
	source, err := sourceResult(s, v, value)
	if err != nil {
		return nil, err
	}
	shown := string(value.Data)
	if value.Binary {
		shown = base64.StdEncoding.EncodeToString(value.Data)
	}
	p := &Parameter{
		ARN: new(s.ARN()), Name: &r.Name, Type: new(ParameterTypeSecureString), Value: &shown, Version: new(int64(0)),
		DataType: new("text"), LastModifiedDate: timestamp(v.CreatedAt), SourceResult: &source,
	}
	if r.selected {
		p.Selector = new(":" + r.Selector)
	}
	return p, nil
}

// sourceResult returns the output of Secrets Manager for a version, as text.
func sourceResult(s *secrets.Secret, v *secrets.Version, value secrets.Value) (string, error) {
	answer := map[string]any{
		"ARN": s.ARN(), "Name": s.Name(), "VersionId": v.ID, "VersionStages": v.Stages, "CreatedDate": float64(v.CreatedAt.UnixMilli()) / 1000,
	}
	if value.Binary {
		answer["SecretBinary"] = value.Data // in base64
	} else {
		answer["SecretString"] = string(value.Data)
	}
	text, err := json.Marshal(answer)
	return string(text), err
}
