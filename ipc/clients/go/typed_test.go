package keybearer

import "testing"

func TestTypedCredentials(t *testing.T) {
	bedrock, err := As[BedrockCredential](&Resolution{Provider: "bedrock", Fields: []Field{
		{Field: "access_key_id", Secret: true, Value: NewSecret("AKIA")},
		{Field: "secret_access_key", Secret: true, Value: NewSecret("canary")},
		{Field: "region", Value: NewSecret("eu-west-1")},
		{Field: "later", Value: NewSecret("another broker's")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if bedrock.AccessKeyID.Reveal() != "AKIA" || bedrock.SecretAccessKey.Reveal() != "canary" ||
		bedrock.Region != "eu-west-1" || bedrock.SessionToken.Reveal() != "" {
		t.Errorf("the credential is %+v", bedrock)
	}
}

func TestTypesThatDoNotFit(t *testing.T) {
	for name, fields := range map[string][]Field{
		"no field in common":   {{Field: "api_key", Secret: true, Value: NewSecret("canary")}},
		"a secret in the open": {{Field: "region", Secret: true, Value: NewSecret("canary")}},
	} {
		_, err := As[BedrockCredential](&Resolution{Provider: "openai", Fields: fields})
		if refused := refusal(t, err, KindInvalidValue); refused.Message == "" {
			t.Error(name)
		}
	}
}
