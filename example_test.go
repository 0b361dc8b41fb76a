package writ_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/writdev/writ"
)

// A server is an http.Handler, and every AWS SDK is a client of it. The access key id of an
// account's root user is the account's id, and its secret is "test".
func ExampleNew() {
	ctx := context.Background()
	w, err := writ.New(writ.Config{}) // in memory, enforcing
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	listener := httptest.NewServer(w)
	defer listener.Close()

	client := func(id, secret string) *ssm.Client {
		return ssm.New(ssm.Options{
			Region: "us-east-1", BaseEndpoint: &listener.URL, Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		})
	}
	owner := client("111122223333", "test")
	if _, err := owner.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/app/db"), Value: aws.String("db.internal"), Type: types.ParameterTypeString}); err != nil {
		fmt.Println(err)
		return
	}
	key, err := w.PutUser(ctx, writ.User{Account: "111122223333", Name: "ann", Policies: map[string]string{
		"read": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}}`,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ann := client(key.ID, key.Secret)
	out, err := ann.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/app/db")})
	fmt.Println(*out.Parameter.Value, err)
	_, err = ann.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String("/app/db")})
	fmt.Println("deleted:", err == nil)
	// Output:
	// db.internal <nil>
	// deleted: false
}
