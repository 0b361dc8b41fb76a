//go:build !unix

package offheap

import "errors"

// allocate is for Unix only.
func allocate(int) ([]byte, error) { return nil, errors.ErrUnsupported }

func free([]byte) {}
