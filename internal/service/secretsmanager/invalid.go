package secretsmanager

import (
	"errors"
	"regexp"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// Messages of AWS, as recorded in public or quoted in its documentation.
const (
	textNotFound     = "Secrets Manager can't find the specified secret."
	textDeleted      = "You can't perform this operation on the secret because it was marked for deletion."
	textReserved     = "You can't create this secret because a secret with this name is already scheduled for deletion."
	textReplica      = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
	textNoToken      = "You must provide a ClientRequestToken value. We recommend a UUID-type value."
	textNoValue      = "You must provide either SecretString or SecretBinary."
	textTwoValues    = "You can't specify both a binary secret value and a string secret value in the same secret."
	textBadName      = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
	textStage        = "You provided a VersionStage that is not associated to the provided VersionId."
	textQuota        = "The request failed because it would exceed one of the Secrets Manager quotas."
	textNextToken    = "The NextToken value is invalid."
	textNoKeyAccess  = "Access to KMS is not allowed"
	textNotDecrypted = "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
	textNotEncrypted = "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, " +
		"enabled, and not in an invalid state."
)

// notValid returns a ValidationException, which the model does not define.
func notValid(text string) error { return awserr.New("ValidationException", 400, "%s", text) }

// denied returns an AccessDeniedException, which the model does not define.
func denied(text string) *awserr.Error { return awserr.New("AccessDeniedException", 400, "%s", text) }

// keyError returns the error for a KMS error: AWS reports whether the caller may use the key, and otherwise
// only that the operation failed.
func keyError(err, failure error) error {
	if d, ok := errors.AsType[*authz.Denial](err); ok {
		return errors.Join(denied(textNoKeyAccess), d) // it is still explained
	}
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Sender() {
		return failure
	}
	return err
}

// addMessage capitalizes the member name Message of a denial, as AWS sends it.
func addMessage(e *awserr.Error, _ string) *awserr.Error {
	if e.Code != "AccessDeniedException" {
		return e
	}
	changed := *e
	changed.MessageMember = "Message"
	return &changed
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]+$`)

// checkID returns an error for a text that is neither a valid name nor a valid ARN of a secret.
func checkID(id string) error {
	if !strings.HasPrefix(id, "arn:") && !secretName.MatchString(id) {
		return notValid(textBadName)
	}
	return nil
}

// findSecret returns the secret in a request, which may be scheduled for deletion.
func findSecret(c *operation.Call, id string) (*secrets.Secret, error) {
	return findSecretBy(secrets.Find, c, id)
}

// findSecretBy is findSecret with one of the lookup functions of package secrets.
func findSecretBy(find func(*operation.Call, string) (secrets.Found, error), c *operation.Call, id string) (*secrets.Secret, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	f, err := find(c, id)
	if err == nil && f.Secret == nil {
		err = errResourceNotFound(textNotFound)
	}
	return f.Secret, err
}

// findActive returns the secret in a request, unless it is scheduled for deletion. The result must not be modified.
func findActive(c *operation.Call, id string) (*secrets.Secret, error) {
	s, err := findSecretBy(secrets.FindCached, c, id)
	if err == nil && s.IsDeleted() {
		err = errInvalidRequest(textDeleted)
	}
	return s, err
}

// findPrimary returns the secret that a request changes: it must not be scheduled for deletion, and must not be a
// replica, which changes only with its primary secret.
func findPrimary(c *operation.Call, id string) (*secrets.Secret, error) {
	s, err := findSecret(c, id)
	switch {
	case err != nil:
		return nil, err
	case s.IsDeleted():
		return nil, errInvalidRequest(textDeleted)
	case s.Primary != "":
		return nil, errInvalidParameter(textReplica)
	}
	return s, nil
}

// save writes a changed primary secret, and its replicas.
func save(c *operation.Call, s *secrets.Secret) error {
	if err := s.Sync(c, false); err != nil {
		return err
	}
	return s.Write(c)
}
