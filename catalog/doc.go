// Package catalog holds what AWS publishes about its services: their actions
// with access levels, resource types with ARN forms, condition keys with types;
// and besides the global condition keys, service principals, partitions and
// regions. It knows names, no prose.
//
// The tables are compressed inside the binary. Nothing of them is read before it
// is asked for, and then only the service asked for: a program that imports the
// package and never calls it pays for its bytes on disk alone.
//
// Everything returned is shared and must not be changed. Names of services,
// actions and keys are compared as AWS does, without regard to case. The catalog
// is a picture of one day ([AsOf]); AWS adds actions almost daily, so that a name
// which is not here may exist by now.
//
// Start with [Lookup]; [Match] expands a pattern of actions, [Key] finds a
// condition key. The tables are made by
//
//	go generate ./catalog
package catalog

//go:generate go run ./internal/build
