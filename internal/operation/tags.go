package operation

import "github.com/writdev/writ/internal/identity"

// SetTags adds tags to a resource, as Tx.SetTags does, unless the effective tag policy of
// its account enforces other ones; violation is the service's error for those.
func SetTags[E error](c *Call, arn string, tags map[string]string, violation func(format string, args ...any) E) error {
	key, err := identity.TagViolation(c.Tx, arn, tags)
	if err != nil {
		return err
	}
	if key != "" {
		return violation("The tag policy does not allow the specified value for the following tag key: '%s'.", key)
	}
	return c.Tx.SetTags(arn, tags)
}
