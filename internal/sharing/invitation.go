package sharing

import "time"

// InvitationLife is how long an invitation to a share waits for its answer.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html
const InvitationLife = 12 * time.Hour

// InvitationExpired reports whether an invitation that was sent at a time is expired.
func InvitationExpired(sent, now time.Time) bool { return !now.Before(sent.Add(InvitationLife)) }
