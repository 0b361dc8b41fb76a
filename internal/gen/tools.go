//go:build tools

package main

// The API models are in this module; its code is not used.
import _ "github.com/aws/aws-sdk-go/models/endpoints"
