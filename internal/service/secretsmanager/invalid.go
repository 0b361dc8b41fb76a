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

// Texts that AWS answers, as they are recorded in public, or that its documents quote.
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

// notValid returns a ValidationException, which the model does not know.
func notValid(text string) error { return awserr.New("ValidationException", 400, "%s", text) }

// denied returns an AccessDeniedException, which the model does not know.
func denied(text string) *awserr.Error { return awserr.New("AccessDeniedException", 400, "%s", text) }

// keyError returns the error for what KMS says of a value: AWS tells whether the caller may use
// the key, and otherwise only that it failed.
func keyError(err, failure error) error {
	if d, ok := errors.AsType[*authz.Denial](err); ok {
		return errors.Join(denied(textNoKeyAccess), d) // which still explains itself
	}
	if e, ok := errors.AsType[*awserr.Error](err); ok && e.Sender() {
		return failure
	}
	return err
}

// addMessage gives the message of a denial its capital letter, as AWS sends it.
func addMessage(e *awserr.Error, _ string) *awserr.Error {
	if e.Code != "AccessDeniedException" {
		return e
	}
	dressed := *e
	dressed.MessageMember = "Message"
	return &dressed
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]+$`)

// checkID returns an error for what can be neither the name nor the ARN of a secret.
func checkID(id string) error {
	if !strings.HasPrefix(id, "arn:") && !secretName.MatchString(id) {
		return notValid(textBadName)
	}
	return nil
}

// known returns the secret that a request names, which may be marked for deletion.
func known(c *operation.Call, id string) (*secrets.Secret, error) {
	return knownBy(secrets.Find, c, id)
}

// knownBy returns known, read by one of the functions of package secrets.
func knownBy(find func(*operation.Call, string) (secrets.Found, error), c *operation.Call, id string) (*secrets.Secret, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	f, err := find(c, id)
	if err == nil && f.Secret == nil {
		err = errResourceNotFound(textNotFound)
	}
	return f.Secret, err
}

// live returns the secret that a request names, unless it is marked for deletion. It is for
// reading alone.
func live(c *operation.Call, id string) (*secrets.Secret, error) {
	s, err := knownBy(secrets.FindCached, c, id)
	if err == nil && s.IsDeleted() {
		err = errInvalidRequest(textDeleted)
	}
	return s, err
}

// primary returns the secret that a request changes: one that is not marked for deletion, and
// no replica, which follows its primary secret.
func primary(c *operation.Call, id string) (*secrets.Secret, error) {
	s, err := known(c, id)
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

// save writes a primary secret that was changed, and its replicas.
func save(c *operation.Call, s *secrets.Secret) error {
	if err := s.Sync(c, false); err != nil {
		return err
	}
	return s.Write(c)
}
