package keybearer

import "reflect"

// Typed are the credentials that are more than a key and an address. Their members have the names of the fields; what
// was not found is empty.
type Typed interface {
	AzureCredential | BedrockCredential | SageMakerCredential | VertexCredential
}

// AzureCredential is one of Azure OpenAI.
type AzureCredential struct {
	APIKey         Secret
	Endpoint       string
	ResourceName   string // the first part of the address
	DeploymentName string
	APIVersion     string
}

// BedrockCredential is one of Amazon Bedrock.
type BedrockCredential struct {
	AccessKeyID     Secret
	SecretAccessKey Secret
	SessionToken    Secret
	Region          string
}

// SageMakerCredential is one of Amazon SageMaker.
type SageMakerCredential struct {
	AccessKeyID     Secret
	SecretAccessKey Secret
	SessionToken    Secret
	Region          string
	Endpoint        string // a name below the region, no address
}

// VertexCredential is one of Google Vertex AI: a service account's key, or its two parts, or the key of Express Mode.
type VertexCredential struct {
	ProjectID         string
	Location          string
	APIKey            Secret
	ServiceAccountKey Secret
	ClientEmail       string
	PrivateKey        Secret
}

// As gives a resolution as one of the types of Typed. It does not ask which provider it is of, so that it serves those
// that a person has added too. Kind of errors: invalid_value, when they have no field in common, or a secret would go
// where it is printed.
func As[T Typed](resolution *Resolution) (*T, error) {
	typed := new(T)
	members := reflect.ValueOf(typed).Elem()
	filled := false
	for i := 0; i < members.NumField(); i++ {
		field, found := resolution.Field(members.Type().Field(i).Name)
		if !found {
			continue
		}
		switch member := members.Field(i).Addr().Interface().(type) {
		case *Secret:
			*member = field.Value
		case *string:
			if field.Secret {
				return nil, failure(KindInvalidValue, "the %s of %s is a secret, and none in a %s", field.Field,
					resolution.Provider, members.Type().Name())
			}
			*member = field.Value.Reveal()
		}
		filled = true
	}
	if !filled {
		return nil, failure(KindInvalidValue, "a credential of %s has no field of a %s", resolution.Provider,
			members.Type().Name())
	}
	return typed, nil
}
