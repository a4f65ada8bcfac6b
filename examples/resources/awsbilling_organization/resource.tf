resource "awsbilling_organization" "example" {
  feature_set = "ALL"
}
