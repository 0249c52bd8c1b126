package sandbox

// product is what the company sells by the month.
type product struct {
	ID    int
	Name  string // a key of the catalogue
	Price kopecks
}

// products are always the same. What PricePlan says of a product is not documented.
var products = []product{
	{1, "product.hosting", 450_00},
	{2, "product.support", 990_50},
	{3, "product.backup", 199_90},
}

func productOf(id int) (product, error) {
	for _, p := range products {
		if p.ID == id {
			return p, nil
		}
	}
	return product{}, unknownProduct
}
