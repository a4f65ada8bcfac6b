# By the ID of the account that has joined, with credentials of that account
terraform import awsbilling_org_handshake_accept.example 111122223333

# With the role that the resource's assume_role names
terraform import awsbilling_org_handshake_accept.example 111122223333,arn:aws:iam::111122223333:role/example-onboarding
