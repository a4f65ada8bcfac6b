resource "awsbilling_cur_bucket" "example" {
  bucket = "example-billing-reports"
  region = "us-east-1"
}
