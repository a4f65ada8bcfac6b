# By the roles of the accounts that have joined, which tell the accounts, too
terraform import awsbilling_org_handshake_accepts.example arn:aws:iam::111122223333:role/example-onboarding,arn:aws:iam::222233334444:role/example-onboarding
