package kms

import "testing"

func TestTableIsComplete(t *testing.T) {
	if err := New().Complete(served); err != nil {
		t.Error(err)
	}
}
