package iam

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The credential report of an account is one row. It is there as soon as it is asked for,
// and kept as long as AWS keeps it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
const (
	credentialReportType = "credential-report"
	reportLife           = 4 * time.Hour
)

// credentialReport is a report with the time of its making.
type credentialReport struct {
	GeneratedAt time.Time
	Content     []byte // CSV
}

func readReport(c *operation.Call) (credentialReport, error) {
	r, err := c.Tx.Resource(reportARN(c))
	if err != nil {
		return credentialReport{}, err
	}
	return decoded(r, same[credentialReport])
}

func reportARN(c *operation.Call) string {
	return "arn:" + c.Partition + ":iam::" + c.Account() + ":" + credentialReportType
}

func generateCredentialReport(c *operation.Call, _ *GenerateCredentialReportInput) (*GenerateCredentialReportOutput, error) {
	last, err := readReport(c)
	if err == nil && c.Now.Sub(last.GeneratedAt) < reportLife {
		return &GenerateCredentialReportOutput{State: new(ReportStateTypeComplete)}, nil
	}
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	content, err := credentialRows(c)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(credentialReport{c.Now, content})
	if err != nil {
		return nil, fmt.Errorf("put credential report: %w", err)
	}
	err = c.Tx.PutResource(store.Resource{
		ARN: reportARN(c), Service: api.Name, Type: credentialReportType, Account: c.Account(), Name: credentialReportType,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
	return &GenerateCredentialReportOutput{
		State: new(ReportStateTypeStarted), Description: new("No report exists. Starting a new report generation task"),
	}, err
}

func getCredentialReport(c *operation.Call, _ *GetCredentialReportInput) (*GetCredentialReportOutput, error) {
	r, err := readReport(c)
	switch {
	case isNotFound(err):
		return nil, errCredentialReportNotPresent("")
	case err != nil:
		return nil, err
	case c.Now.Sub(r.GeneratedAt) >= reportLife:
		return nil, errCredentialReportExpired("")
	}
	return &GetCredentialReportOutput{Content: r.Content, ReportFormat: new(ReportFormatTypeTextCsv), GeneratedTime: new(seconds(r.GeneratedAt))}, nil
}

var reportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

// credentialRows are the rows of a report: the root user, then the users.
func credentialRows(c *operation.Call) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(reportColumns)
	const unknown = "not_supported"
	root := identity.RootARN(c.Partition, c.Account())
	row, err := credentialRow(c, root, holder{c.Account(), "<root_account>"}, accountsSince, []string{unknown, "no_information", unknown, unknown})
	if err != nil {
		return nil, err
	}
	w.Write(row)
	rules, err := passwordPolicy(c)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	for r, err := range c.Tx.Resources(entities(c, identity.UserKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		u, err := decoded(r, same[identity.User])
		if err != nil {
			return nil, err
		}
		h := holder{u.ID, u.Name}
		password, err := passwordColumns(c, h, rules)
		if err != nil {
			return nil, err
		}
		if row, err = credentialRow(c, u.ARN, h, u.CreatedAt, password); err != nil {
			return nil, err
		}
		w.Write(row)
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func reportTime(t time.Time) string { return seconds(t).Format("2006-01-02T15:04:05+00:00") }

// passwordColumns say whether a user has a password, and when it was and will be changed.
func passwordColumns(c *operation.Call, h holder, rules PasswordPolicy) ([]string, error) {
	p, err := readOwned[loginProfile](c, loginProfiles, h, loginIDOnly)
	switch {
	case isNotFound(err):
		return []string{"false", "N/A", "N/A", "N/A"}, nil
	case err != nil:
		return nil, err
	}
	next := "N/A"
	if rules.MaxPasswordAge != nil {
		next = reportTime(p.ChangedAt.AddDate(0, 0, *rules.MaxPasswordAge))
	}
	return []string{"true", "no_information", reportTime(p.ChangedAt), next}, nil
}

// credentialRow is the row of a user: password are its columns about the password.
func credentialRow(c *operation.Call, arn string, h holder, since time.Time, password []string) ([]string, error) {
	row := append([]string{h.name, arn, reportTime(since)}, password...)
	devices, err := identity.MFADevicesOf(c.Tx, h.id)
	if err != nil {
		return nil, err
	}
	row = append(row, strconv.FormatBool(len(devices) > 0))
	keys, err := c.Tx.AccessKeys(arn)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(keys, func(a, b store.AccessKey) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), a.CreatedAt.Compare(b.CreatedAt)) // "Active" comes first
	})
	for i := range maxAccessKeys {
		if i >= len(keys) {
			row = append(row, "false", "N/A", "N/A", "N/A", "N/A")
			continue
		}
		used := []string{"N/A", "N/A", "N/A"}
		if use, ok := c.KeyUsage.Last(keys[i].ID); ok {
			used = []string{reportTime(use.At), use.Region, use.Service}
		}
		row = append(row, strconv.FormatBool(keys[i].Status == identity.KeyActive), reportTime(keys[i].CreatedAt))
		row = append(row, used...)
	}
	certs, err := listOwned[signingCertificate](c, signingCertificates, h)
	if err != nil {
		return nil, err
	}
	for i := range maxSigningCertificates {
		if i >= len(certs) {
			row = append(row, "false", "N/A")
			continue
		}
		row = append(row, strconv.FormatBool(certs[i].Status == string(StatusTypeActive)), reportTime(certs[i].UploadedAt))
	}
	return row, nil
}
