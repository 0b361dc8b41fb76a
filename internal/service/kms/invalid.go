package kms

import (
	"errors"

	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/operation"
)

// Messages of AWS.
const (
	textAliasPrefix = `Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`
	textCiphertext  = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."
	textIncorrect   = "The key ID in the request does not identify a CMK that can perform this operation."
	textLockout     = "The new key policy will not allow you to update the key policy in the future."
	textNoPolicy    = "No such policy exists"
	textNotPrimary  = "%s is not a multi-region primary key."
	textSM2         = "Writ serves no keys of the spec SM2, which KMS has in the regions of China only."
	textPrincipals  = "Policy contains a statement with one or more invalid principals."
)

// notValid returns the error for an input that violates a rule beyond the model's constraints.
func notValid(format string, args ...any) error {
	return awserr.New("ValidationException", 400, format, args...)
}

// denied returns an AccessDeniedException, which the model does not contain.
func denied(text string) error { return awserr.New("AccessDeniedException", 400, "%s", text) }

// notOwner returns the error for operations that only the key's account may perform.
func notOwner() error {
	return denied("The key belongs to another account; only that account can perform this operation.")
}

// page returns one page of a list whose items are ordered by key.
func page[T any](op string, size pageSize, limit *int, marker *string, items []T, key func(T) string) (operation.Page[T], error) {
	after, err := operation.AfterToken(op, marker)
	if errors.Is(err, operation.ErrPageToken) {
		err = errInvalidMarker("The marker was not returned by %s.", op)
	}
	if err != nil {
		return operation.Page[T]{}, err
	}
	return operation.Paginate(op, min(valueOr(limit, size.usual), size.most), func(yield func(operation.Keyed[T], error) bool) {
		for _, item := range items {
			if k := key(item); k > after && !yield(operation.Keyed[T]{Key: k, Item: item}, nil) {
				return
			}
		}
	})
}

// pageSize is the default and the maximum length of a page: the model allows 1000 for
// every list.
type pageSize struct{ usual, most int }

// https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
var (
	longPages  = pageSize{100, 1000}
	shortPages = pageSize{50, 100} // for aliases and grants
	tagPages   = pageSize{50, 50}
)

// endDryRun ends a dry run of an authorized request that would have succeeded.
func endDryRun(dryRun *bool) error {
	if dryRun != nil && *dryRun {
		return errDryRunOperation("The request would have succeeded, but the DryRun option is set.")
	}
	return nil
}
