# By the ID of the transfer, with credentials of the management account whose bill it is
terraform import awsbilling_billing_transfer_accept.example rt-exampletransfer

# With the role that the resource's assume_role names
terraform import awsbilling_billing_transfer_accept.example rt-exampletransfer,arn:aws:iam::555566667777:role/example-onboarding
