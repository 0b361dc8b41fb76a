package secretsmanager

import (
	"regexp"
	"strconv"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
)

// rotateSecret stores the rotation configuration of a secret and, unless the request postpones it, starts a
// rotation: a version with the request's token as its id and the label AWSPENDING, without a value. AWS then
// calls the function with that token; Writ calls nothing.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
func (sm *secretsManager) rotateSecret(c *operation.Call, in *RotateSecretInput) (*RotateSecretOutput, error) {
	if in.ClientRequestToken == nil {
		return nil, errInvalidParameter(textNoToken)
	}
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	token := *in.ClientRequestToken
	if inProgress(s) && s.Staged(secrets.Pending).ID != token {
		return nil, errInvalidRequest("A previous rotation isn't complete. That rotation will be reattempted.")
	}
	if err := configureRotation(c, s, in); err != nil {
		return nil, err
	}
	out := &RotateSecretOutput{ARN: new(s.ARN()), Name: new(s.Name())}
	if in.RotateImmediately == nil || *in.RotateImmediately {
		if s.Version(token) == nil {
			s.Versions = append(s.Versions, secrets.Version{ID: token, CreatedAt: c.Now, Empty: true})
		}
		s.Attach(secrets.Pending, token)
		out.VersionID = &token
	}
	removed := s.Outdated(c.Now)
	if len(s.Versions) > secrets.MaxVersions || s.CountStages() > maxStages {
		return nil, errLimitExceeded(textQuota)
	}
	if err := s.DropValues(c, removed); err != nil {
		return nil, err
	}
	return out, save(c, s)
}

// inProgress reports whether a rotation has started and is not complete: the pending version is not current.
func inProgress(s *secrets.Secret) bool {
	pending, current := s.Staged(secrets.Pending), s.Staged(secrets.Current)
	return pending != nil && (current == nil || pending.ID != current.ID)
}

// noteRotation records that a rotation is complete: the pending version is current.
func noteRotation(c *operation.Call, s *secrets.Secret) {
	if s.Rotation != nil && s.Staged(secrets.Pending) != nil && !inProgress(s) {
		s.Rotation.RotatedAt = c.Now
	}
}

// configureRotation sets the members of a request in the record.
func configureRotation(c *operation.Call, s *secrets.Secret, in *RotateSecretInput) error {
	r := secrets.Rotation{ConfiguredAt: c.Now}
	if s.Rotation != nil {
		r = *s.Rotation
	}
	if in.RotationLambdaARN != nil {
		r.LambdaARN = *in.RotationLambdaARN
	}
	if in.ExternalSecretRotationRoleARN != nil {
		r.RoleARN = *in.ExternalSecretRotationRoleARN
	}
	if in.ExternalSecretRotationMetadata != nil {
		r.Metadata = nil
		for _, item := range in.ExternalSecretRotationMetadata {
			if item.Key == nil || item.Value == nil {
				return errInvalidParameter("An item of ExternalSecretRotationMetadata needs a Key and a Value.")
			}
			r.Metadata = append(r.Metadata, secrets.Metadata{Key: *item.Key, Value: *item.Value})
		}
	}
	if r.LambdaARN == "" && (s.Kind == "" || r.RoleARN == "") {
		return errInvalidRequest("No Lambda rotation function ARN is associated with this secret.")
	}
	if in.RotationRules != nil {
		if err := setRules(&r, in.RotationRules); err != nil {
			return err
		}
		r.ConfiguredAt = c.Now
	}
	r.Enabled = true
	s.Rotation = &r
	return nil
}

func setRules(r *secrets.Rotation, rules *RotationRulesType) error {
	r.Days, r.Schedule, r.Duration = 0, "", ""
	if rules.AutomaticallyAfterDays != nil {
		r.Days = *rules.AutomaticallyAfterDays
	}
	if rules.ScheduleExpression != nil {
		r.Schedule = *rules.ScheduleExpression
	}
	if rules.Duration != nil {
		r.Duration = *rules.Duration
	}
	switch {
	case r.Days != 0 && r.Schedule != "":
		return errInvalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.")
	case r.Schedule != "" && !rate.MatchString(r.Schedule) && !cron.MatchString(r.Schedule):
		return errInvalidParameter("The ScheduleExpression %s is not valid: it is rate(...) or cron(...).", r.Schedule)
	}
	return nil
}

// rate and cron match the expressions of a schedule.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
var (
	rate = regexp.MustCompile(`^rate\(([1-9][0-9]{0,3}) (hours?|days?)\)$`)
	cron = regexp.MustCompile(`^cron\([^ ()]+( [^ ()]+){5}\)$`)
)

// next returns the time of the next rotation, or nil for a cron expression, which Writ does not evaluate.
func next(r *secrets.Rotation) *time.Time {
	from := r.ConfiguredAt
	if r.RotatedAt.After(from) {
		from = r.RotatedAt
	}
	period := time.Duration(r.Days) * 24 * time.Hour
	if parts := rate.FindStringSubmatch(r.Schedule); parts != nil {
		n, err := strconv.Atoi(parts[1])
		if err != nil {
			return nil
		}
		period = time.Duration(n) * time.Hour
		if parts[2][0] == 'd' {
			period *= 24
		}
	}
	if period == 0 || !r.Enabled {
		return nil
	}
	return timestamp(from.Add(period))
}

// cancelRotateSecret turns rotation off. A rotation in progress keeps its version and its label, as in AWS.
func (sm *secretsManager) cancelRotateSecret(c *operation.Call, in *CancelRotateSecretInput) (*CancelRotateSecretOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if s.Rotation == nil {
		return nil, errInvalidRequest("No Lambda rotation function ARN is associated with this secret.")
	}
	s.Rotation.Enabled = false
	out := &CancelRotateSecretOutput{ARN: new(s.ARN()), Name: new(s.Name())}
	if inProgress(s) {
		out.VersionID = new(s.Staged(secrets.Pending).ID)
	}
	return out, save(c, s)
}

// describeRotation describes the rotation of a secret, if it ever had one.
func describeRotation(e *SecretListEntry, r *secrets.Rotation) {
	if r == nil {
		return
	}
	e.RotationEnabled, e.RotationLambdaARN, e.ExternalSecretRotationRoleARN = &r.Enabled, optional(r.LambdaARN), optional(r.RoleARN)
	for _, m := range r.Metadata {
		e.ExternalSecretRotationMetadata = append(e.ExternalSecretRotationMetadata, ExternalSecretRotationMetadataItem{Key: &m.Key, Value: &m.Value})
	}
	e.RotationRules = &RotationRulesType{Duration: optional(r.Duration), ScheduleExpression: optional(r.Schedule)}
	if r.Days != 0 {
		e.RotationRules.AutomaticallyAfterDays = &r.Days
	}
	if !r.RotatedAt.IsZero() {
		e.LastRotatedDate = timestamp(r.RotatedAt)
	}
	e.NextRotationDate = next(r)
}
