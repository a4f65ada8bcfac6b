# By the ID of the organization that was left, with credentials of the account that left it
terraform import awsbilling_org_departure.example o-exampleorgid

# With the role that the resource's assume_role names
terraform import awsbilling_org_departure.example o-exampleorgid,arn:aws:iam::444455556666:role/example-onboarding
