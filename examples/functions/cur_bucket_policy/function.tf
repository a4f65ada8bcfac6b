# ["AwsBillingCheckBucket", "AwsBillingDeliverReports", "AwsBillingDeliverExports"]
output "statements_of_the_policy" {
  value = jsondecode(provider::awsbilling::cur_bucket_policy(
    "arn:aws:s3:::example-billing-reports",
    "111122223333",
  )).Statement[*].Sid
}
