// Package secrets holds what is kept of a secret of Secrets Manager: its record, its
// versions with their staging labels, and its values, sealed under KMS keys. Secrets
// Manager and Systems Manager, whose parameters may refer to secrets, meet here.
//
// It has no operation and decides nothing about access: who reads a value asks the gate
// about [Target] first. What KMS says of a value it asks itself, through the call. Start
// reading at [Secret] and [Find]; version.go has the rules of staging labels, value.go
// seals and opens values.
package secrets
